import { PageSection, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { RestClient } from '../reports/rest-client.ts';

type SignInProps = { readonly client: RestClient; readonly onSignedIn: () => void };

/** Takes a token. */
export function LoginPage(_props: SignInProps) {
  const { t } = useTranslation();
  return (
    <PageSection>
      <Title headingLevel="h1">{t('Log in to Muster')}</Title>
    </PageSection>
  );
}
