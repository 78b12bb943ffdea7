import { Alert, AlertActionLink, Button, Stack, StackItem } from '@patternfly/react-core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IllOperator } from '../../../src/report/rest-overview.ts';
import { useGenerate } from '../generate/use-generate.ts';
import { Folded } from './folded.tsx';

const SHOWN = 3;

/** A message for each operator that is not well, from which one asks for a report of just that. */
export function OperatorMessages({ operators }: { readonly operators: readonly IllOperator[] }) {
  const { t } = useTranslation();
  const rest = operators.slice(SHOWN);
  return (
    <section aria-label={t('Operators that are not well')}>
      <Stack hasGutter>
        <Messages operators={operators.slice(0, SHOWN)} />
        {rest.length > 0 && (
          <StackItem>
            <Folded
              title={t('moreOperators', {
                count: rest.length,
                defaultValue_one: '{{count}} more operator is degraded',
                defaultValue_other: '{{count}} more operators are degraded',
              })}
            >
              <Stack hasGutter>
                <Messages operators={rest} />
              </Stack>
            </Folded>
          </StackItem>
        )}
      </Stack>
    </section>
  );
}

function Messages({ operators }: { readonly operators: readonly IllOperator[] }) {
  return operators.map((operator) => (
    <StackItem key={operator.name}>
      <OperatorMessage operator={operator} />
    </StackItem>
  ));
}

function OperatorMessage({ operator }: { readonly operator: IllOperator }) {
  const { t } = useTranslation();
  const generate = useGenerate();
  const { title, message, component } = operator;
  return (
    <Alert
      isInline
      variant="warning"
      variantLabel={t('Warning:')}
      component="h3"
      title={<bdi className="muster-prose">{t('{{title}} is degraded', { title })}</bdi>}
      actionLinks={
        <AlertActionLink
          aria-label={t('Generate report of {{title}}', { title })}
          onClick={() => generate({ components: [component] })}
        >
          {t('Generate report')}
        </AlertActionLink>
      }
    >
      {message !== '' && <LongText text={message} />}
    </Alert>
  );
}

const SHOWN_LENGTH = 240;

/** The beginning of it, and the rest for who wants it. */
function LongText({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  const [isExpanded, setIsExpanded] = useState(false);
  const isLong = text.length > SHOWN_LENGTH;
  return (
    <div className="muster-prose">
      <bdi>{isLong && !isExpanded ? `${text.slice(0, SHOWN_LENGTH)}…` : text}</bdi>{' '}
      {isLong && (
        <Button variant="link" isInline aria-expanded={isExpanded} onClick={() => setIsExpanded(!isExpanded)}>
          {isExpanded ? t('Show less') : t('Show more')}
        </Button>
      )}
    </div>
  );
}
