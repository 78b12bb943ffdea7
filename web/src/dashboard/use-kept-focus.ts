import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Report } from '../reports/report.ts';

type KeptFocus = {
  /** Where the focus goes when the message that had it is gone. */
  readonly place: RefObject<HTMLDivElement>;
  /** To be told the number of a report whose message a person sent away. */
  readonly onLeave: (id: number) => void;
};

/** Keeps the focus near where it was, when it would be lost with the message of a report. */
export function useKeptFocus(reports: readonly Report[]): KeptFocus {
  const place = useRef<HTMLDivElement>(null);
  const [leavingId, setLeavingId] = useState<number>();
  const isGone = leavingId !== undefined && !reports.some(({ id }) => id === leavingId);
  useEffect(() => {
    if (!isGone) return;
    // A dialog that closes gives the focus back first.
    const timer = setTimeout(() => {
      setLeavingId(undefined);
      if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
    });
    return () => clearTimeout(timer);
  }, [isGone]);
  return { place, onLeave: setLeavingId };
}
