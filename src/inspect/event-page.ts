import type { EventRow } from './event-rows.ts';

/** Rows on one page; a browser bears no more. The newest are kept and the page says so. */
export const mostEventRows = 100_000;

export type EventPageOptions = { readonly title: string; readonly note?: string | undefined };

const style = `
:root{color-scheme:light dark;font:14px/1.4 system-ui,sans-serif}
body{margin:1rem}
h1{font-size:1.25rem}
input{font:inherit;padding:.25rem .5rem;width:min(40rem,100%)}
table{border-collapse:collapse;margin-top:1rem;width:100%}
th,td{border-bottom:1px solid #8886;padding:.25rem .5rem;text-align:start;vertical-align:top}
th{background:Canvas;position:sticky;top:0}
td:last-child{overflow-wrap:anywhere}
time{white-space:nowrap}
.danger{color:#c9190b;font-weight:600}
.warning{color:#a86a00;font-weight:600}
.muted{opacity:.75}
@media(prefers-color-scheme:dark){.danger{color:#ff8a80}.warning{color:#f4c145}}
`;

// All the words typed must be in the row. Nothing is loaded from anywhere: the page is read where there is no network.
const script = `
const box=document.getElementById('filter'),rows=[...document.querySelectorAll('tbody tr')],shown=document.getElementById('shown');
let timer;
const apply=()=>{const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let count=0;
for(const row of rows){row.text??=row.textContent.toLowerCase();const fits=words.every((word)=>row.text.includes(word));row.hidden=!fits;if(fits)count++}
shown.textContent=count+' of '+rows.length};
box.addEventListener('input',()=>{clearTimeout(timer);timer=setTimeout(apply,150)});
`;

/**
 * The event page in pieces, in the order of `rows` (see `newestFirst`): one HTML file that needs no network, with a
 * box that filters. Everything out of the cluster is escaped.
 */
export function* renderEventPage(rows: readonly EventRow[], { title, note }: EventPageOptions): Iterable<string> {
  yield `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${note === undefined ? '' : `<p>${escaped(note)}</p>\n`}<p><label>Filter <input id="filter" type="search" autocomplete="off"></label> <span id="shown">${rows.length} of ${rows.length}</span></p>
<table>
<thead><tr><th scope="col">Time</th><th scope="col">Namespace</th><th scope="col">Component</th><th scope="col">RelatedObject</th><th scope="col">Reason</th><th scope="col">Message</th></tr></thead>
<tbody>
`;
  for (const row of rows) yield rowOf(row);
  yield `</tbody>
</table>
<script>${script}</script>
</body>
</html>
`;
}

function rowOf(row: EventRow): string {
  const often = row.count > 1 ? ` <small>(x${row.count})</small>` : '';
  return `<tr><td>${timeOf(row)}${often}</td><td>${escaped(row.namespace)}</td><td>${escaped(row.component)}</td><td>${escaped(row.object)}</td><td class="${weightOf(row.reason)}">${escaped(row.reason)}</td><td>${escaped(row.message)}</td></tr>\n`;
}

/** HH:MM:SS as written by the API, in UTC; the whole time and the first sighting are in the attributes. */
function timeOf({ lastSeen, firstSeen }: EventRow): string {
  const clock = /T(\d{2}:\d{2}:\d{2})/.exec(lastSeen)?.[1] ?? lastSeen;
  const day = /^\d{4}-(\d{2}-\d{2})T/.exec(lastSeen)?.[1];
  const shown = day === undefined ? clock : `${day} ${clock}`;
  return `<time datetime="${escaped(lastSeen)}" title="First seen: ${escaped(firstSeen)}">${escaped(shown)}</time>`;
}

/** The weights that oc gives to reasons (reference, oc §2.8), so that readers find the colours they know. */
function weightOf(reason: string): 'danger' | 'warning' | 'muted' {
  if (/fail|error|kill|backoff/i.test(reason)) return 'danger';
  return /notready|unhealthy|missing/i.test(reason) ? 'warning' : 'muted';
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
