/** A path as a container sees it, and where it really is. */
export type Place = { readonly path: string; readonly real: string };

// What may stand around a path in an argument, a variable or a script, so that `--dest-dir=/must-gather` and
// `>/dev/termination-log` are found, and `$HOME/must-gather` and `/must-gather-old` are not.
const before = String.raw`(?<![\w.\-/})])`;
const after = String.raw`(?![\w\-]|\.\w)`;

/**
 * Replaces paths at or under a container's places by the real ones: how a container finds its volumes where the machine
 * gives it no mounts of its own. The longest place wins.
 */
export function rewriter(places: readonly Place[]): (text: string) => string {
  if (places.length === 0) return (text) => text;
  const real = new Map(places.map((place) => [place.path, place.real]));
  const longestFirst = [...real.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`${before}(?:${longestFirst.join('|')})${after}`, 'g');
  return (text) => text.replace(pattern, (path) => real.get(path) ?? path);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
