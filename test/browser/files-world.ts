import { ask, untilState } from '../sandbox/service-world.ts';
import { type PagesWorld, startPages } from './pages-world.ts';

/** Lines of the log that is too large to show whole: of 100 bytes each. */
export const BIG_LINES = process.env.MUSTER_LONG === undefined ? 120_000 : 2_000_000;
export const LONG_NAME = `${'n'.repeat(245)}.log`;

// What a gather image might leave: $1 is where.
const GATHER = `
set -eu
cd "$MUST_GATHER_DIR"
mkdir -p namespaces/web/pods 'odd names' many
printf 'apiVersion: v1\\nkind: Pod\\nmetadata:\\n  name: web-1\\n  labels:\\n    app: "web"\\n' > namespaces/web/pods/web-1.yaml
printf '{"kind": "List",\\n "items": []}\\n' > namespaces/web/list.json
printf 'I1121 10:00:00 started\\nW1121 10:00:01 slow answer\\nE1121 10:00:02 it broke: ünïcode\\n' > namespaces/web/current.log
printf '<script>document.title="ran"</script><img src=x onerror="document.title=1">\\n' > 'odd names/page.html'
printf 'percent\\n' > 'odd names/100% #1?.txt'
printf 'right to left\\n' > 'odd names/ملف طويل.txt'
printf 'long name\\n' > 'odd names/${LONG_NAME}'
printf '\\0\\1\\2\\3binary' > core.bin
: > empty.log
ln -s namespaces/web/current.log latest.log
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "long line " }' > one-line.txt
awk 'BEGIN { for (i = 1; i <= ${BIG_LINES}; i++) printf "line %09d %-84s\\n", i, i % 1000 == 7 ? "needle" : "hay" }' > big.log
for i in $(seq -w 1 2300); do : > many/file-$i.txt; done
`;

/** For tests: the pages, and one report with files of every kind. */
export type FilesWorld = PagesWorld & {
  readonly id: number;
  /** Below the folder of the gather, whose name is an image ID. */
  readonly folder: string;
  /** The address of a file's page. */
  address(path: string): string;
};

export async function startFilesWorld(): Promise<FilesWorld> {
  const pages = await startPages();
  const url = `${pages.service.url}/must-gather`;
  const { body } = await ask(url, 'POST', { image: 'sample.invalid/openshift/must-gather:4.22', command: GATHER });
  const id = Number(body.id);
  const report = await untilState(`${url}/${id}`, ['completed', 'error']);
  if (report.status !== 'completed') throw new Error(`the report failed: ${String(report.message)}`);
  const folder = await folderOf(`${url}/${id}/files`);
  const address = (path: string) =>
    `/reports/${id}/files/${`${folder}/${path}`.split('/').map(encodeURIComponent).join('/')}`;
  return Object.assign(pages, { id, folder, address });
}

/** The folder in which the gather's files lie: the only folder of the only folder. */
async function folderOf(url: string): Promise<string> {
  const foldersIn = async (path: string) => {
    const entries = (await (await fetch(`${url}/${path}`)).json()) as { name: string; type: string }[];
    return entries.filter(({ type }) => type === 'directory').map(({ name }) => name);
  };
  const [top = ''] = await foldersIn('');
  const [gather = ''] = await foldersIn(top);
  return `${top}/${gather}`;
}
