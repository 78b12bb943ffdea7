// The words of the pages, out of their sources: every `t('…')` of web/src and of the plugin's extensions, for translators and for the OpenShift console,
// which loads `locales/LANGUAGE/plugin__muster.json`. Keys are the English text, but for plurals.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(import.meta.dirname, '..');

export type Words = Record<string, string>;

/** The words of all pages, by key, sorted. Throws where one cannot be read off the source. */
export function wordsOfPages(): Words {
  const words: Words = {};
  for (const file of globSync(['web/src/**/*.{ts,tsx}', 'web/console-extensions.ts'], { cwd: root }).sort()) {
    addWords(words, wordsOf(file, readFileSync(path.join(root, file), 'utf8')), file);
  }
  return Object.fromEntries(Object.entries(words).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The words of one source. */
export function wordsOf(file: string, text: string): Words {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const words: Words = {};
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTranslation(node.expression)) addWords(words, wordsOfCall(node, file), file);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return words;
}

/** `t(…)`, and `i18n.t(…)`. */
function isTranslation(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return called.text === 't';
  return ts.isPropertyAccessExpression(called) && called.name.text === 't' && called.expression.getText() === 'i18n';
}

function wordsOfCall({ arguments: [key, values] }: ts.CallExpression, file: string): Words {
  if (key === undefined || !ts.isStringLiteralLike(key)) {
    throw new Error(`${file}: t(${key?.getText() ?? ''}): words are written out where they are used`);
  }
  const plurals = pluralsOf(values);
  if (Object.keys(plurals).length === 0) return { [key.text]: key.text };
  return Object.fromEntries(Object.entries(plurals).map(([form, text]) => [`${key.text}_${form}`, text]));
}

/** `defaultValue_one` and `defaultValue_other`, by form. */
function pluralsOf(values: ts.Expression | undefined): Words {
  if (values === undefined || !ts.isObjectLiteralExpression(values)) return {};
  const plurals: Words = {};
  for (const property of values.properties) {
    if (!ts.isPropertyAssignment(property) || !ts.isStringLiteralLike(property.initializer)) continue;
    const form = /^defaultValue_(.+)$/.exec(property.name.getText())?.[1];
    if (form !== undefined) plurals[form] = property.initializer.text;
  }
  return plurals;
}

function addWords(words: Words, more: Words, file: string): void {
  for (const [key, text] of Object.entries(more)) {
    if (words[key] !== undefined && words[key] !== text) throw new Error(`${file}: "${key}" has two texts`);
    words[key] = text;
  }
}
