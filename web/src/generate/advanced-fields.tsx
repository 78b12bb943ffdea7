import { FormGroup, FormSelect, FormSelectOption } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { Draft } from './draft.ts';
import { type FieldsProps, TextField } from './form-fields.tsx';

/** What few people need: where, how long, how it is called, and what runs. */
export function AdvancedFields(props: FieldsProps) {
  const { t } = useTranslation();
  const { draft, onChange } = props;
  return (
    <>
      <FormGroup label={t('Nodes')} fieldId="generate-where">
        <FormSelect
          id="generate-where"
          value={draft.where}
          onChange={(_event, where) => onChange({ where: where as Draft['where'] })}
        >
          <FormSelectOption value="any" label={t('One, chosen by the service')} />
          <FormSelectOption value="node" label={t('One that I name')} />
          <FormSelectOption value="nodes" label={t('All with a label')} />
        </FormSelect>
      </FormGroup>
      {draft.where === 'node' && <TextField {...props} field="nodeName" label={t('Node name')} isRequired />}
      {draft.where === 'nodes' && (
        <TextField
          {...props}
          field="nodeSelector"
          label={t('Node selector')}
          help={t('Such as node-role.kubernetes.io/worker. Each component is gathered on each of these nodes.')}
          isRequired
        />
      )}
      <TextField
        {...props}
        field="timeout"
        label={t('Timeout')}
        help={t('For each component, such as 30m; 10m unless told. What was gathered until then is kept.')}
      />
      <TextField
        {...props}
        field="deleteAfter"
        label={t('Keep for')}
        help={t('Such as 72h, or never; 24h unless told, and 12h after a failure.')}
      />
      <TextField
        {...props}
        field="customName"
        label={t('Custom name')}
        help={t('To find it again, such as the number of a support case.')}
      />
      <TextField
        {...props}
        field="image"
        label={t('Own gather image')}
        help={t('Runs beside the components above, with the rights of a cluster-admin.')}
      />
      <TextField
        {...props}
        field="command"
        label={t('Command')}
        help={t('Shell text that every gather image runs in place of /usr/bin/gather.')}
        type="lines"
      />
    </>
  );
}
