import { Route, Routes } from 'react-router';
import { DashboardPage } from '../../dashboard/dashboard-page.tsx';
import { ReportListPage } from '../../report-list/report-list-page.tsx';
import { ReportPage } from '../../report-page/report-page.tsx';
import { NotFound } from '../../shell/not-found.tsx';
import { Contribution } from '../contribution.tsx';

/** Muster's own pages below `/muster`. */
export function Pages() {
  return (
    <Contribution>
      <Routes>
        <Route index element={<DashboardPage />} />
        <Route path="reports" element={<ReportListPage />} />
        <Route path="reports/:id/*" element={<ReportPage />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Contribution>
  );
}

/** The console's list of MustGatherReports. */
export function ResourceList() {
  return (
    <Contribution>
      <ReportListPage />
    </Contribution>
  );
}
