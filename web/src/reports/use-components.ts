import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ComponentList } from '../../../src/report/rest-components.ts';
import { useReportSource } from './report-source.ts';

const COMPONENTS_KEY = ['components'];
/** Reading them takes several requests to the cluster; health that is half a minute old serves. */
const FRESH_FOR_MS = 30_000;

/** What can be gathered, and how it is. */
export function useComponents(): UseQueryResult<ComponentList> {
  const source = useReportSource();
  return useQuery({
    queryKey: COMPONENTS_KEY,
    queryFn: ({ signal }) => source.components(signal),
    staleTime: FRESH_FOR_MS,
  });
}

/** Titles of components by their gather image, as far as they are known; a gather has its image only. */
export function useTitlesByImage(): ReadonlyMap<string, string> {
  const { data } = useComponents();
  return useMemo(() => new Map(data?.components.map(({ image, title }) => [image, title])), [data]);
}
