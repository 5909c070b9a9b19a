// Which licences the shipped packages have. Fails on one that is not on the list: it must be looked at by a person first.

import { readFile } from 'node:fs/promises';

const allowed = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'OFL-1.1', 'CC0-1.0', 'BlueOak-1.0.0']);
const root = new URL('../', import.meta.url);
const lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8'));

const shipped = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && !entry.dev && !entry.optional && !entry.devOptional);
const counts = new Map();
const refused = [];
for (const [path, entry] of shipped) {
  const licence = entry.license ?? 'UNKNOWN';
  counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const fine = licence.replace(/[()]/g, '').split(' OR ').some((one) => allowed.has(one));
  if (!fine) refused.push(`${path.replace(/^.*node_modules\//, '')} ${entry.version}: ${licence}`);
}
process.stdout.write(`${shipped.length} packages: ${[...counts].map(([licence, count]) => `${licence} ${count}`).join(', ')}\n`);
if (refused.length > 0) {
  process.stderr.write(`not on the list of licences (tools/licences.mjs):\n${refused.join('\n')}\n`);
  process.exitCode = 1;
}
