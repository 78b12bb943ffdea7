// What stands where the version of a release is written down by hand; `npm run generate` carries it everywhere else.

/** Semantic versioning, without build metadata: https://semver.org */
export const VERSION_PATTERN = /^\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

/** What the changelog says of this version, without its heading; undefined: nothing. */
export function changesOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m);
  const section = sections.find((one) => one.split(/[\s(]/, 1)[0] === version);
  const text = section?.slice(section.indexOf('\n') + 1).trim();
  return text === '' ? undefined : text;
}

/** The changelog with what was unreleased under this version and day; throws when nothing is. */
export function withRelease(changelog: string, version: string, date: Date): string {
  if (changesOf(changelog, 'Unreleased') === undefined)
    throw new Error('CHANGELOG.md says nothing under Unreleased: there is nothing to release');
  return changelog.replace('## Unreleased\n', `## Unreleased\n\n## ${version} (${date.toISOString().slice(0, 10)})\n`);
}

/** A package.json with this version, otherwise letter by letter as it was. */
export function withVersion(manifest: string, version: string): string {
  return manifest.replace(/^( {2}"version": ")[^"]*(")/m, `$1${version}$2`);
}

/** A package-lock.json in which Muster and its workspace have this version. */
export function lockWithVersion(text: string, version: string): string {
  const lock = JSON.parse(text) as { version: string; packages: Record<string, { version?: string }> };
  const own = Object.fromEntries(['', 'web'].map((path) => [path, { ...lock.packages[path], version }]));
  const packages = Object.fromEntries(Object.entries(lock.packages).map(([path, one]) => [path, own[path] ?? one]));
  return `${JSON.stringify({ ...lock, version, packages }, null, 2)}\n`;
}
