import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useReportSource } from '../reports/report-source.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { createFileText, type FileText, type FileTextState } from './file-text.ts';

/** The text of a file in the archive of a report, open while somebody looks at it. */
export function useFileText(id: number, path: string): { readonly text: FileText; readonly state: FileTextState } {
  const source = useReportSource();
  const text = useMemo(
    () =>
      createFileText(async (range, signal) => {
        try {
          return await source.fileBytes(id, path, range, signal);
        } catch (error) {
          // An empty file has no byte that a range could begin with (RFC 9110 §14.1.2).
          if (error instanceof RequestFailed && error.status === 416 && range.offset === 0) {
            return { bytes: new Uint8Array(), sizeBytes: 0 };
          }
          throw error;
        }
      }),
    [source, id, path],
  );
  useEffect(() => {
    void text.open();
    return () => text.stop();
  }, [text]);
  return { text, state: useSyncExternalStore(text.subscribe, text.snapshot) };
}
