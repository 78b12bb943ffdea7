import { type Column, fieldAt, isRecord, type Stored, textOf } from './resource.ts';
import { ageOf } from './table.ts';

function fieldOfCondition(object: Stored, type: string, field: string): unknown {
  const conditions = fieldAt(object, 'status.conditions');
  if (!Array.isArray(conditions)) return undefined;
  return conditions.filter(isRecord).find((condition) => condition.type === type)?.[field];
}

/** A column with a field of the condition of that type, its status unless told. */
export function conditionColumn(name: string, type: string, field = 'status'): Column {
  return { name, cell: (object) => textOf(fieldOfCondition(object, type, field), '') };
}

/** A column that tells for how long the condition of that type has been as it is. */
export function sinceColumn(type: string): Column {
  return {
    name: 'Since',
    cell: (object) => ageOf(Date.parse(textOf(fieldOfCondition(object, type, 'lastTransitionTime'))), Date.now()),
  };
}
