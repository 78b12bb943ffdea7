import { Button, Flex, FlexItem, Progress, ProgressMeasureLocation, ProgressSize } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';
import type { FileText, FileTextState } from './file-text.ts';
import { endOf, STRETCH_BYTES } from './stretch.ts';

type PlaceBarProps = { readonly text: FileText; readonly state: FileTextState };

/** Of a file that is too large to show whole: what is shown of it, and the ways on. */
export function PlaceBar({ text, state }: PlaceBarProps) {
  const { t } = useTranslation();
  const { stretches, sizeBytes, busy } = state;
  const first = stretches[0];
  const last = stretches.at(-1);
  if (first === undefined || last === undefined) return null;
  const from = first.offset;
  const to = endOf(last);
  if (from === 0 && to === sizeBytes) return null;
  const size = formatSize(Math.min(STRETCH_BYTES, sizeBytes));
  const whole = formatSize(sizeBytes);
  const shown =
    from === 0
      ? t('Too large to show whole: first {{to}} of {{whole}}', { to: formatSize(to), whole })
      : t('Too large to show whole: {{from}} to {{to}} of {{whole}}', {
          from: formatSize(from),
          to: formatSize(to),
          whole,
        });
  return (
    <>
      <Flex gap={{ default: 'gapSm' }} alignItems={{ default: 'alignItemsCenter' }}>
        <FlexItem grow={{ default: 'grow' }}>
          <span role="status">{shown}</span>
        </FlexItem>
        <Button size="sm" variant="secondary" isDisabled={from === 0} onClick={() => void text.toStart()}>
          {t('Beginning')}
        </Button>
        <Button size="sm" variant="secondary" isDisabled={from === 0} onClick={() => void text.previous()}>
          {t('Previous {{size}}', { size })}
        </Button>
        <Button size="sm" variant="secondary" isDisabled={to === sizeBytes} onClick={() => void text.next()}>
          {t('Next {{size}}', { size })}
        </Button>
        <Button size="sm" variant="secondary" isDisabled={to === sizeBytes} onClick={() => void text.toEnd()}>
          {t('End')}
        </Button>
      </Flex>
      {first.firstLine === undefined && (
        <p className="muster-quiet">{t('Lines have numbers once they were counted from the beginning.')}</p>
      )}
      {busy !== undefined && busy.atBytes > 0 && (
        <Flex gap={{ default: 'gapSm' }}>
          <FlexItem grow={{ default: 'grow' }}>
            <Progress
              size={ProgressSize.sm}
              measureLocation={ProgressMeasureLocation.outside}
              value={busy.atBytes}
              max={sizeBytes}
              label={formatSize(busy.atBytes)}
              title={busy.what === 'search' ? t('Searching') : t('Counting lines')}
            />
          </FlexItem>
          <Button size="sm" variant="link" onClick={() => text.stop()}>
            {t('Stop')}
          </Button>
        </Flex>
      )}
    </>
  );
}
