import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useNavigationType, useSearchParams } from 'react-router';
import { type ListView, readListView, writeListView } from './list-view.ts';

export type ListViewState = {
  readonly view: ListView;
  /** Shows another part; without a page given it is the first one. */
  change(change: Partial<ListView>): void;
};

/** Browsers refuse pages that write their address many times a second. */
const WRITTEN_AFTER_MS = 300;

/** The view of the list, kept in the URL: back and reload keep it. */
export function useListView(): ListViewState {
  const [query, setQuery] = useSearchParams();
  const inUrl = useMemo(() => readListView(query), [query]);
  const [text, setText] = useState(inUrl.text);
  const written = useRef(inUrl.text);
  const write = useCallback(
    (change: Partial<ListView>) => {
      if (change.text !== undefined) written.current = change.text;
      setQuery((before) => writeListView({ ...readListView(before), page: 1, ...change }, before), { replace: true });
    },
    [setQuery],
  );
  const navigation = useNavigationType();
  useEffect(() => {
    // What is written from here comes back late on a busy machine, when the next key was pressed already.
    if (navigation === 'REPLACE' || inUrl.text === written.current) return;
    // Somebody else wrote it: a link, or the way back.
    written.current = inUrl.text;
    setText(inUrl.text);
  }, [inUrl.text, navigation]);
  useEffect(() => {
    if (text === written.current) return;
    const timer = setTimeout(() => write({ text }), WRITTEN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, write]);
  const change = useCallback(
    ({ text: newText, ...others }: Partial<ListView>) => {
      if (newText !== undefined) setText(newText);
      if (Object.keys(others).length > 0) write(newText === undefined ? others : { ...others, text: newText });
    },
    [write],
  );
  const view = useMemo(() => ({ ...inUrl, text, page: text === inUrl.text ? inUrl.page : 1 }), [inUrl, text]);
  return { view, change };
}
