import '@patternfly/react-core/dist/styles/base.css';
import './frame.css';
import './pages.css';
import { QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App, SESSION_KEY } from './app.tsx';
import { createReportFeed } from './reports/report-feed.ts';
import { RequestFailed } from './reports/request-failed.ts';
import { createRestClient } from './reports/rest-client.ts';
import { createRestSource } from './reports/rest-source.ts';
import { followSystemTheme } from './shell/theme.ts';
import { markLanguage, startWords } from './words/words.ts';

const now = () => Date.now();
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 5 && (!(error instanceof RequestFailed) || error.isPassing),
      retryDelay: (failures) => Math.min(1000 * 2 ** failures, 10_000),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
const askWhoIsSignedIn = () => queries.invalidateQueries({ queryKey: SESSION_KEY });
const client = createRestClient(async (path, init) => {
  const response = await fetch(path, init);
  // A token that ended meanwhile, or lost its rights: the pages then stand where one signs in.
  if ((response.status === 401 || response.status === 403) && path !== '/login') void askWhoIsSignedIn();
  return response;
}, now);
const feed = createReportFeed({
  open: () => new EventSource('/events'),
  // Signed out, or no longer allowed: the session tells, and the pages go there.
  onRefused: askWhoIsSignedIn,
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
});
const source = createRestSource({ client, feed, basePath: '', now });

followSystemTheme(document.documentElement, (query) => matchMedia(query));
markLanguage(document.documentElement, await startWords(navigator.language));
const place = document.getElementById('pages');
if (place === null) throw new Error('index.html has no place for the pages');
createRoot(place).render(<App client={client} source={source} queries={queries} />);
