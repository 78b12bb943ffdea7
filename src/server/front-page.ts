import type { FastifyInstance } from 'fastify';
import { htmlPage, sendPage } from './page.ts';
import { addResource } from './resource.ts';

const PAGE = htmlPage(
  'Muster',
  `<h1>Muster</h1>
<p>Diagnostic reports of this cluster: ask for one, watch it being gathered, fetch one archive.</p>
<ul>
<li><a href="/docs">The REST API, to read</a></li>
<li><a href="/openapi.json">The REST API, for programs (OpenAPI 3.1)</a></li>
</ul>
<p>From a terminal:</p>
<pre>curl -H "Authorization: Bearer $(oc whoami -t)" -X POST https://…/must-gather</pre>`,
);

/** `/`: what this is, for whoever opens it in a browser. */
export function addFrontPage(app: FastifyInstance): void {
  addResource(app, '/', { GET: async (_request, reply) => sendPage(reply, PAGE) }, { isOpen: true });
}
