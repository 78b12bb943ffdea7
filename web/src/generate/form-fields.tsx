import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextArea, TextInput } from '@patternfly/react-core';
import type { Draft, Field, Problems } from './draft.ts';

/** What every field of the form needs. */
export type FieldsProps = {
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
  /** Those to be shown now. */
  readonly problems: Problems;
  /** A person left the field: what is wrong with it may be said. */
  readonly onLeave: (field: Field) => void;
};

type TextFieldProps = FieldsProps & {
  readonly field: Field;
  readonly label: string;
  readonly help?: string;
  readonly type?: 'text' | 'number' | 'datetime-local' | 'lines';
  readonly isRequired?: boolean;
};

export const idOfField = (field: Field) => `generate-${field}`;

/** A labelled text, with what it means or what is wrong with it below. */
export function TextField({
  draft,
  onChange,
  problems,
  onLeave,
  field,
  label,
  help,
  type = 'text',
  isRequired = false,
}: TextFieldProps) {
  const id = idOfField(field);
  const problem = problems[field];
  const note = problem ?? help;
  const shared = {
    id,
    value: draft[field],
    validated: problem === undefined ? ('default' as const) : ('error' as const),
    'aria-describedby': note === undefined ? undefined : `${id}-note`,
    'aria-invalid': problem !== undefined,
    onChange: (_event: unknown, value: string) => onChange({ [field]: value }),
    onBlur: () => onLeave(field),
    isRequired,
  };
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      {type === 'lines' ? (
        <TextArea {...shared} resizeOrientation="vertical" rows={2} spellCheck={false} />
      ) : (
        <TextInput
          {...shared}
          type={type}
          autoComplete="off"
          spellCheck={false}
          {...(type === 'number' && { min: 1 })}
        />
      )}
      <Note id={`${id}-note`} text={note} isProblem={problem !== undefined} />
    </FormGroup>
  );
}

type NoteProps = { readonly id: string; readonly text: string | undefined; readonly isProblem: boolean };

/** Below a field; what is wrong is announced. */
export function Note({ id, text, isProblem }: NoteProps) {
  return (
    <FormHelperText>
      <HelperText id={id} isLiveRegion>
        {text !== undefined && (
          <HelperTextItem variant={isProblem ? 'error' : 'default'} className="muster-prose">
            {text}
          </HelperTextItem>
        )}
      </HelperText>
    </FormHelperText>
  );
}
