import type { K8sResourceCommon, YAMLTemplate } from '@openshift-console/dynamic-plugin-sdk';
import { Alert, Button, Form, FormGroup, PageSection, TextArea, Title } from '@patternfly/react-core';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { consoleFetch } from './console-fetch.ts';
import { useResolved } from './extensions.ts';
import { isSameKind, kindOf, modelOf, pathOf } from './kinds.ts';

/** An object by YAML, which begins with a plugin's template. */
export function ResourceCreate() {
  const { namespace = '', reference = '' } = useParams();
  const navigate = useNavigate();
  const [templates] = useResolved<YAMLTemplate>('console.yaml-template');
  const template = templates.find(({ properties }) => isSameKind(properties.model, kindOf(reference)));
  // Templates come late: until somebody types, the text is the template.
  const [typed, setTyped] = useState<string>();
  const text = typed ?? template?.properties.template ?? '';
  const [failure, setFailure] = useState('');
  const create = async () => {
    const model = await modelOf(kindOf(reference));
    if (model === undefined) throw new Error('Model does not exist');
    const headers = { 'content-type': 'application/yaml' };
    const answer = await consoleFetch(pathOf(model, namespace), { method: 'POST', headers, body: text });
    const { metadata } = (await answer.json()) as K8sResourceCommon;
    await navigate(`../${metadata?.name}`, { relative: 'path' });
  };
  return (
    <PageSection>
      <Title headingLevel="h1">Create {kindOf(reference).kind}</Title>
      <Form>
        <FormGroup label="YAML" fieldId="yaml">
          <TextArea id="yaml" value={text} onChange={(_, value) => setTyped(value)} rows={14} />
        </FormGroup>
        {failure !== '' && <Alert isInline variant="danger" title={failure} />}
        <div>
          <Button onClick={() => void create().catch((error) => setFailure(String(error.message)))}>Create</Button>
        </div>
      </Form>
    </PageSection>
  );
}
