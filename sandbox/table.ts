import type { Column, Resource, Stored } from './resource.ts';

/** The objects as the Table that kubectl prints; `withMetadata` as its `includeObject` asks. */
export function tableOf(
  resource: Resource,
  objects: readonly Stored[],
  listMeta: object,
  include: string | null,
): object {
  const columns = resource.allColumns ?? [...(resource.columns ?? []), ageColumn];
  const definition = ({ name, type = 'string', format = '', description = name, priority = 0 }: Column) => ({
    name,
    type,
    format,
    description,
    priority,
  });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta,
    columnDefinitions: [nameColumn, ...columns].map(definition),
    rows: objects.map((object) => ({
      cells: [nameColumn, ...columns].map(({ cell }) => cell(object)),
      object: rowObject(object, include),
    })),
  };
}

const nameColumn: Column = { name: 'Name', format: 'name', cell: ({ metadata }) => metadata.name ?? '' };

/** How old an object is, as every kind's last column has it that says nothing else. */
export const ageColumn: Column = {
  name: 'Age',
  cell: ({ metadata }) => ageOf(Date.parse(metadata.creationTimestamp ?? ''), Date.now()),
};

function rowObject(object: Stored, include: string | null): object | undefined {
  if (include === 'None') return undefined;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** A time span as kubectl's tables write it, with one unit: `5s`, `3m`, `2h`, `4d`. */
export function ageOf(fromMs: number, toMs: number): string {
  const seconds = Math.max(0, Math.floor((toMs - fromMs) / 1000));
  if (Number.isNaN(seconds)) return '<unknown>';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
