// What a browser fetches before the first screens stand, compressed, against a budget. Reads the build's manifest.

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 450;
/** Screens that open first. Charts come later, so their engine must not be among what these need. */
const screens = {
  'sign-in': ['src/screens/sign-in/sign-in.tsx', 'src/i18n/common.zh.json', 'src/i18n/sign-in.zh.json'],
  home: ['src/app/shell.tsx', 'src/screens/home/home.tsx', 'src/i18n/common.zh.json', 'src/i18n/home.zh.json'],
};
const never = ['src/ui/chart/engine.ts'];

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8'));

function needs(key, found = new Set()) {
  if (found.has(key)) return found;
  if (!manifest[key]) throw new Error(`\`${key}\` is not in the build's manifest: mend tools/size.mjs`);
  found.add(key);
  for (const each of manifest[key].imports ?? []) needs(each, found);
  return found;
}

async function compressed(file) {
  const bytes = await readFile(new URL(file, dist));
  return file.endsWith('.woff2') ? bytes.length : gzipSync(bytes, { level: 9 }).length;
}

async function weigh(keys) {
  const files = new Set(['index.html', 'before-paint.js']);
  for (const key of keys) {
    const { file, css = [], assets = [] } = manifest[key];
    for (const each of [file, ...css, ...assets]) files.add(each);
  }
  const sizes = await Promise.all([...files].map(compressed));
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

for (const [name, entries] of Object.entries(screens)) {
  const keys = new Set(['index.html', ...entries].flatMap((key) => [...needs(key)]));
  const kb = await weigh(keys);
  const heavy = never.filter((key) => keys.has(key));
  const fits = kb <= BUDGET_KB && heavy.length === 0;
  process.stdout.write(`${name}: ${kb.toFixed(0)} kB of ${BUDGET_KB} kB${heavy.length > 0 ? `, with ${heavy.join(', ')}` : ''}\n`);
  if (!fits) process.exitCode = 1;
}
