import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The folders of this repository: what begins with one of them in a text is a file of it. */
const FOLDERS = 'bench|bin|deploy|docs|sandbox|scripts|src|test|web';

/** Every Markdown file of a folder, but those that were installed or built. */
export function markdownFiles(root: string): string[] {
  const left = new Set(['node_modules', 'dist', '.git']);
  return globSync('**/*.md', { cwd: root, exclude: (name) => left.has(String(name)) }).sort();
}

/**
 * What is wrong with one Markdown file, a line each: links to files that are not there, to headings that are not there,
 * and names of files in `code` that are none. Addresses on the web are not asked.
 */
export function brokenLinks(root: string, file: string): string[] {
  const text = withoutFences(readFileSync(join(root, file), 'utf8'));
  const links = [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
  const named = [...text.matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w./-]+\\.\\w+)\``, 'g'))].map(
    ([, path = '']) => path,
  );
  return [
    ...links.flatMap((target) => brokenLink(root, file, target)),
    ...named.filter((path) => !existsSync(join(root, path))).map((path) => `${file}: there is no file ${path}`),
  ];
}

function brokenLink(root: string, file: string, target: string): string[] {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
  const [path = '', anchor] = target.split('#');
  const found = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)));
  const at = join(root, found);
  if (found.startsWith('..') || !existsSync(at)) return [`${file}: ${target} leads to no file`];
  if (anchor === undefined || statSync(at).isDirectory() || !found.endsWith('.md')) return [];
  return anchorsOf(readFileSync(at, 'utf8')).has(anchor) ? [] : [`${file}: ${target} leads to no heading`];
}

/** The anchors of headings as GitHub makes them: lower case, blanks to dashes, the second of a name gets `-1`. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const anchor = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}

const withoutFences = (text: string) => text.replace(/^(```+).*\n[\s\S]*?^\1 *$/gm, '');
const withoutCode = (text: string) => text.replace(/`[^`\n]*`/g, '');
