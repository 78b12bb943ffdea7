import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { hasArchive, isOngoing } from '../../reports/report.ts';
import { useReports } from '../../reports/report-source.ts';
import { usePaths } from '../../shell/paths.ts';
import { Ground } from '../ground.tsx';

/** How many reports there are, in the Details card. */
export function DetailsItem() {
  return (
    <Ground>
      <Counts />
    </Ground>
  );
}

function Counts() {
  const { t } = useTranslation();
  const { reports } = useReports();
  const ready = reports.filter(hasArchive).length;
  const ongoing = reports.filter(isOngoing).length;
  const text =
    ongoing === 0 ? t('{{ready}} ready', { ready }) : t('{{ready}} ready, {{ongoing}} ongoing', { ready, ongoing });
  return <Link to={usePaths().reports}>{text}</Link>;
}
