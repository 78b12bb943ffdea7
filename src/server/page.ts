import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

// Plain pages that the server makes itself: no scripts, nothing from elsewhere, readable in any browser and in curl.

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#151515;background:#fff}' +
  'code,pre{font:14px/1.4 ui-monospace,monospace;background:#f2f2f2}pre{padding:.75rem;overflow-x:auto}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;border-top:1px solid #c7c7c7;' +
  'padding:.25rem .75rem .25rem 0}h2{margin-top:2.5rem}h3{margin-top:2rem}' +
  '@media (prefers-color-scheme:dark){body{color:#f2f2f2;background:#151515}code,pre{background:#292929}a{color:#92c5f9}}';

const styleHash = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Text as it stands in HTML, also within a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A whole page around a body of HTML; `title` is text. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`;
}

export function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(html);
}
