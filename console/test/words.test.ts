// Both languages say the same things, all of what they say is used, and all of what is used is said.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = join(import.meta.dirname, '../src');
const words = join(src, 'i18n');

type Tree = { [key: string]: string | Tree };

function keysOf(tree: Tree, before = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(before + key, value);
    else for (const [inner, text] of keysOf(value, `${before}${key}.`)) found.set(inner, text);
  }
  return found;
}

const read = (namespace: string, language: string) => keysOf(JSON.parse(readFileSync(join(words, `${namespace}.${language}.json`), 'utf8')) as Tree);
const files = readdirSync(words).filter((file) => file.endsWith('.json'));
const namespaces = [...new Set(files.map((file) => file.split('.')[0] ?? ''))];

/** `days_one` and `days_other` are one key: languages differ in their plurals. */
const singular = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const singulars = (from: Map<string, string>) => [...new Set([...from.keys()].map(singular))].sort();
const places = (text: string) => (text.match(/\{\{.*?\}\}/g) ?? []).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return sources(join(folder, entry.name));
    return /\.tsx?$/.test(entry.name) && entry.name !== 'schema.ts' ? [join(folder, entry.name)] : [];
  });
}

interface Used {
  namespace: string;
  key: string;
  /** Whether `key` is only how the keys begin: `t(`role.${role}`)`. */
  begins: boolean;
  file: string;
}

function usedIn(file: string): Used[] {
  const text = readFileSync(file, 'utf8');
  const own = /useTranslation\('([\w-]+)'\)/.exec(text)?.[1] ?? 'common';
  const asked = [...text.matchAll(/\b(?:t|i18n\.exists)\(/g)].flatMap((call) => literals(text.slice(call.index + call[0].length)));
  return asked.map(({ key, begins }) => {
    const [before, after] = key.split(':');
    return { namespace: after === undefined ? own : (before ?? own), key: after ?? key, begins, file };
  });
}

/** The texts of the first argument: `t(a === 'b' ? 'x' : 'y')` has two. */
function literals(call: string): { key: string; begins: boolean }[] {
  const found = [];
  const argument = firstArgument(call);
  for (const match of argument.matchAll(/(?<!=== )'([\w:.-]+)'|`([^`]*)`/g)) {
    const whole = match[1] ?? match[2] ?? '';
    const at = whole.indexOf('${');
    found.push(at < 0 ? { key: whole, begins: false } : { key: whole.slice(0, at), begins: true });
  }
  return found;
}

function firstArgument(call: string): string {
  let depth = 0;
  for (let at = 0; at < call.length; at += 1) {
    const letter = call[at] ?? '';
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (depth < 0 || (depth === 0 && letter === ',')) return call.slice(0, at);
  }
  return call;
}

const used = sources(src).flatMap(usedIn);

describe.each(namespaces)('words of %s', (namespace) => {
  const zh = read(namespace, 'zh');
  const en = read(namespace, 'en');

  test('are there in both languages', () => {
    expect(singulars(zh)).toEqual(singulars(en));
  });

  test('have the same places for values in both languages', () => {
    for (const [key, text] of zh) {
      const other = en.get(key);
      if (other !== undefined) expect(places(other), key).toEqual(places(text));
    }
  });

  test('are never empty', () => {
    for (const [key, text] of [...zh, ...en]) expect(text.trim(), key).not.toBe('');
  });

  test('are all used', () => {
    const mine = used.filter((each) => each.namespace === namespace);
    const unused = [...en.keys()].map(singular).filter((key) => !mine.some((each) => (each.begins ? key.startsWith(each.key) : each.key === key)));
    expect(unused).toEqual([]);
  });
});

test('every word that a screen asks for is there', () => {
  const missing = used.filter(({ namespace, key, begins }) => {
    if (!namespaces.includes(namespace)) return true;
    const known = [...read(namespace, 'en').keys()];
    return begins ? !known.some((each) => each.startsWith(key)) : !known.some((each) => each === key || singular(each) === key);
  });
  expect(missing.map(({ file, namespace, key }) => `${file.slice(src.length)}: ${namespace}:${key}`)).toEqual([]);
});

test('English words are English, and Chinese ones Chinese', () => {
  const han = /\p{Script=Han}/u;
  for (const namespace of namespaces) {
    for (const [key, text] of read(namespace, 'en')) if (key !== 'otherLanguage.label' && key !== 'otherLanguage.name') expect(han.test(text), `${namespace}:${key}`).toBe(false);
  }
});
