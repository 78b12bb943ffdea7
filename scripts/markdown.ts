/** A table in Markdown: bars in cells are escaped, nothing else. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

const MADE = /(<!-- made by npm run generate -->\n)[\s\S]*?(<!-- end of what is made -->)/g;

/** A page that people write, with what is made between its marks: the first text in the first place, and so on. */
export function withMade(name: string, page: string, made: readonly string[]): string {
  const places = page.match(MADE)?.length ?? 0;
  if (places !== made.length) throw new Error(`${name} has ${places} marked places, ${made.length} are needed`);
  let place = 0;
  return page.replace(MADE, (_, begin: string, end: string) => `${begin}${made[place++]}\n${end}`);
}
