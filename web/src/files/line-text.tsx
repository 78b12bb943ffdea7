import type { ReactNode } from 'react';

type LineTextProps = { readonly name: string; readonly text: string; readonly marked: RegExp | undefined };

/** One row of a file: keys of YAML and JSON and bad news of logs stand out, and what was searched for. */
export function LineText({ name, text, marked }: LineTextProps) {
  const { before, key, rest, level } = tokensOf(name, text);
  return (
    <code className={level === undefined ? 'muster-line-text' : `muster-line-text muster-${level}`}>
      {withMarks(before, marked)}
      {key !== '' && <span className="muster-key">{withMarks(key, marked)}</span>}
      {withMarks(rest, marked)}
    </code>
  );
}

function withMarks(text: string, marked: RegExp | undefined): ReactNode {
  if (marked === undefined) return text;
  const pieces: ReactNode[] = [];
  let at = 0;
  for (const { index, 0: found } of text.matchAll(marked)) {
    pieces.push(text.slice(at, index), <mark key={index}>{found}</mark>);
    at = index + found.length;
  }
  return pieces.length === 0 ? text : [...pieces, text.slice(at)];
}

type Tokens = { before: string; key: string; rest: string; level: 'danger' | 'warning' | undefined };

const YAML_KEY = /^(\s*(?:- +)*)([^\s:#'"{[-][^:#]{0,200}|"[^"]{1,200}"|'[^']{1,200}')(:(?:\s.*)?)$/s;
const JSON_KEY = /^(\s*[{[]?\s*)("[^"]{1,200}")(\s*:.*)$/s;
// klog's header (E1121 10:42:00), and how other loggers write levels.
const DANGER = /^[EF]\d{4} |(?:^|[\s"=[])(?:error|fatal|panic)(?:[\s"\]:]|$)/i;
const WARNING = /^W\d{4} |(?:^|[\s"=[])warn(?:ing)?(?:[\s"\]:]|$)/i;

/** Splits a row by what kind of file it is in. */
export function tokensOf(name: string, text: string): Tokens {
  const plain: Tokens = { before: '', key: '', rest: text, level: undefined };
  const keyed = /\.ya?ml$/i.test(name) ? YAML_KEY : /\.json$/i.test(name) ? JSON_KEY : undefined;
  if (keyed !== undefined) {
    const [, before = '', key = '', rest = ''] = keyed.exec(text) ?? [];
    return key === '' ? plain : { before, key, rest, level: undefined };
  }
  if (!/\.log(?:\.|$)|logs?$/i.test(name)) return plain;
  const start = text.slice(0, 200);
  if (DANGER.test(start)) return { ...plain, level: 'danger' };
  return WARNING.test(start) ? { ...plain, level: 'warning' } : plain;
}
