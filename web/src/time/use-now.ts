import { useEffect, useState } from 'react';
import { useReportSource } from '../reports/report-source.ts';

/** The service's clock, again every `everyMs`; browser and service may be an hour apart. */
export function useServerNow(everyMs = 1000): number {
  const { serverNow } = useReportSource();
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [serverNow, everyMs]);
  return now;
}
