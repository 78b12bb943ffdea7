import { type QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { BrowserRouter, Route, Routes, useLocation } from 'react-router';
import { DashboardPage } from './dashboard/dashboard-page.tsx';
import { GenerateProvider } from './generate/generate-provider.tsx';
import { DialogKeeperProvider, useDialogKeeper } from './generate/kept-dialog.ts';
import { LoginPage } from './login/login-page.tsx';
import { NoAccess } from './login/no-access.tsx';
import { OverviewProvider, type ReadOverview } from './overview/overview.ts';
import { ReportActionsProvider } from './report-actions/use-report-actions.tsx';
import { type ReportSource, ReportSourceProvider } from './reports/report-source.ts';
import type { RestClient } from './reports/rest-client.ts';
import { Failure } from './shell/failure.tsx';
import { loadPatiently } from './shell/load-patiently.ts';
import { NotFound } from './shell/not-found.tsx';
import { PageBoundary } from './shell/page-boundary.tsx';
import { PathsProvider, pathsBelow } from './shell/paths.ts';
import { readSession, type Session } from './shell/session.ts';
import { Shell } from './shell/shell.tsx';
import { ToastsProvider } from './shell/toasts.tsx';

export type AppProps = { readonly client: RestClient; readonly source: ReportSource; readonly queries: QueryClient };

export const SESSION_KEY = ['session'];
/** Loaded after the overview, which is what most come for. */
const loadReportList = async () => ({
  default: (await loadPatiently(() => import('./report-list/report-list-page.tsx'))).ReportListPage,
});
const loadReport = async () => ({
  default: (await loadPatiently(() => import('./report-page/report-page.tsx'))).ReportPage,
});
const ReportListPage = lazy(loadReportList);
const ReportPage = lazy(loadReport);
/** Then the others are fetched too, to be at hand while the service is away. Who goes to one that failed is told so. */
const LOAD_OTHERS_AFTER_MS = 2000;
const STANDALONE = pathsBelow('');

/** The standalone pages. */
export function App({ client, source, queries }: AppProps) {
  return (
    <QueryClientProvider client={queries}>
      <BrowserRouter>
        <Gate client={client} source={source} />
      </BrowserRouter>
    </QueryClientProvider>
  );
}

/** Whoever is not signed in meets the page to do so, at the address where they are, and is then where they wanted to be. */
function Gate({ client, source }: Omit<AppProps, 'queries'>) {
  const queries = useQueryClient();
  const { data: session, failureReason } = useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => readSession(client, signal),
  });
  const kept = useDialogKeeper(session?.user?.username);
  const askAgain = () => void queries.invalidateQueries({ queryKey: SESSION_KEY });
  if (session === undefined)
    return failureReason === null ? null : <Failure error={failureReason} onRetry={askAgain} />;
  if (session.auth === 'login' && session.user === undefined) {
    return <LoginPage client={client} onSignedIn={askAgain} />;
  }
  const signOut = () => {
    kept.current = {};
    client.answer('/logout', { method: 'POST' }).then(askAgain, askAgain);
  };
  if (session.forbidden === true) return <NoAccess session={session} onRetry={askAgain} onSignOut={signOut} />;
  const readOverview: ReadOverview = (signal) => client.json('/overview', { signal });
  return (
    <OverviewProvider value={readOverview}>
      <DialogKeeperProvider value={kept}>
        <SignedIn source={source} session={session} onSignOut={signOut} />
      </DialogKeeperProvider>
    </OverviewProvider>
  );
}

type SignedInProps = {
  readonly source: ReportSource;
  readonly session: Session;
  readonly onSignOut: () => void;
};

function SignedIn({ source, session, onSignOut }: SignedInProps) {
  return (
    <ReportSourceProvider value={source}>
      <PathsProvider value={STANDALONE}>
        <ToastsProvider>
          <ReportActionsProvider>
            <GenerateProvider>
              <Shell session={session} onSignOut={onSignOut}>
                <Pages />
              </Shell>
            </GenerateProvider>
          </ReportActionsProvider>
        </ToastsProvider>
      </PathsProvider>
    </ReportSourceProvider>
  );
}

function Pages() {
  const { pathname } = useLocation();
  useEffect(() => {
    const timer = setTimeout(() => void Promise.allSettled([loadReportList(), loadReport()]), LOAD_OTHERS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <PageBoundary key={pathname.split('/')[1]}>
      <Suspense fallback={null}>
        <Routes>
          <Route path="/" element={<DashboardPage />} />
          <Route path="/reports" element={<ReportListPage />} />
          <Route path="/reports/:id/*" element={<ReportPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </PageBoundary>
  );
}
