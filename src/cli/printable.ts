/** C0 but for tab, DEL, C1, and what turns the direction of reading. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNPRINTABLE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of others for a terminal: what would move the cursor, colour it or turn it round becomes a blank. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, ' ');
}

/** The same for names, which must stay apart: such characters, and tabs, are spelled out as in JSON. */
export function spelledOut(name: string): string {
  return name.replaceAll('\t', '\\t').replaceAll(UNPRINTABLE, (character) => {
    const json = JSON.stringify(character).slice(1, -1);
    return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : json;
  });
}
