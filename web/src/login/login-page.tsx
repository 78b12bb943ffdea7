import {
  Alert,
  Bullseye,
  Button,
  Card,
  CardBody,
  CardTitle,
  ClipboardCopy,
  Content,
  ExpandableSection,
  Form,
  FormGroup,
  InputGroup,
  InputGroupItem,
  Stack,
  StackItem,
  TextInput,
} from '@patternfly/react-core';
import { EyeIcon, EyeSlashIcon } from '@patternfly/react-icons';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestFailed } from '../reports/request-failed.ts';
import type { RestClient } from '../reports/rest-client.ts';

type SignInProps = { readonly client: RestClient; readonly onSignedIn: () => void };

/** Takes a token, which goes to the service once and into a cookie that no script can read. */
export function LoginPage({ client, onSignedIn }: SignInProps) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  const [isShown, setIsShown] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Error>();
  const signIn = async () => {
    setIsBusy(true);
    setRefusal(undefined);
    try {
      // A terminal wraps long tokens: no token has white space in it.
      await client.answer('/login', { method: 'POST', body: { token: token.replaceAll(/\s+/g, '') } });
      setToken('');
      onSignedIn();
    } catch (error) {
      setRefusal(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setIsBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '' && !isBusy) void signIn();
  };
  return (
    <Bullseye className="muster-login">
      <Card component="main">
        <CardTitle component="h1">{t('Log in to Muster')}</CardTitle>
        <CardBody>
          <Stack hasGutter>
            <StackItem>{t('Diagnostic reports hold what a cluster has: they are for its administrators.')}</StackItem>
            <StackItem>
              <div aria-live="assertive">{refusal !== undefined && <Refusal error={refusal} />}</div>
            </StackItem>
            <StackItem>
              <Form onSubmit={submit} autoComplete="off">
                <FormGroup label={t('Token')} fieldId="token">
                  <InputGroup>
                    <InputGroupItem isFill>
                      <TextInput
                        id="token"
                        type={isShown ? 'text' : 'password'}
                        value={token}
                        onChange={(_event, value) => setToken(value)}
                        isRequired
                        autoComplete="off"
                        autoCapitalize="none"
                        spellCheck={false}
                        autoFocus
                      />
                    </InputGroupItem>
                    <InputGroupItem>
                      <Button
                        variant="control"
                        aria-label={isShown ? t('Hide the token') : t('Show the token')}
                        icon={isShown ? <EyeSlashIcon /> : <EyeIcon />}
                        onClick={() => setIsShown(!isShown)}
                      />
                    </InputGroupItem>
                  </InputGroup>
                </FormGroup>
                <Button type="submit" isBlock isLoading={isBusy} isDisabled={isBusy || token.trim() === ''}>
                  {t('Log in')}
                </Button>
              </Form>
            </StackItem>
            <StackItem>
              <HowToMakeOne />
            </StackItem>
          </Stack>
        </CardBody>
      </Card>
    </Bullseye>
  );
}

function Refusal({ error }: { readonly error: Error }) {
  const { t } = useTranslation();
  const titleOf = () => {
    if (!(error instanceof RequestFailed)) return t('Something went wrong');
    if (error.isPassing) return error.status === 429 ? t('Too many tries') : t('The service cannot be reached');
    if (error.status === 401) return t('The cluster does not accept this token');
    if (error.code === 'RightsMissing') return t('You need cluster-admin to use reports');
    return t('This token cannot be used');
  };
  return (
    <Alert isInline variant="danger" title={titleOf()}>
      {error.message}
    </Alert>
  );
}

function HowToMakeOne() {
  const { t } = useTranslation();
  const ways = [
    { title: t('On OpenShift, your own token:'), command: 'oc whoami -t' },
    {
      title: t('On any Kubernetes, a token of a service account that is bound to the ClusterRole cluster-admin:'),
      command: 'kubectl create token NAME -n NAMESPACE --duration=8h',
    },
  ];
  return (
    <ExpandableSection toggleText={t('How to make a token')} isIndented>
      <Stack hasGutter>
        {ways.map(({ title, command }) => (
          <StackItem key={command}>
            <Content component="p">{title}</Content>
            <ClipboardCopy isReadOnly hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={title}>
              {command}
            </ClipboardCopy>
          </StackItem>
        ))}
      </Stack>
    </ExpandableSection>
  );
}
