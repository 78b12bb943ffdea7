import { htmlPage } from './page.ts';

/** What this is, for whoever opens it in a browser where the pages were not built. */
export const frontPage = htmlPage(
  'Muster',
  `<h1>Muster</h1>
<p>Diagnostic reports of this cluster: ask for one, watch it being gathered, fetch one archive.</p>
<ul>
<li><a href="/docs">The REST API, to read</a></li>
<li><a href="/openapi.json">The REST API, for programs (OpenAPI 3.1)</a></li>
</ul>
<p>The pages were not built here: <code>npm run pages</code> builds them, and then Muster has to be started again.</p>
<p>From a terminal:</p>
<pre>curl -H "Authorization: Bearer $(oc whoami -t)" -X POST https://…/must-gather</pre>`,
);
