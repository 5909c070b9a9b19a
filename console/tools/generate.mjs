// Writes src/api/schema.ts from the server's OpenAPI. With --check it writes nothing and fails when the file is old.

import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const from = new URL('../../crates/api/openapi.json', import.meta.url);
const to = new URL('../src/api/schema.ts', import.meta.url);
const HEAD = '// Made by `npm run generate` from crates/api/openapi.json. Not to be changed by hand.\n\n';

export async function generated() {
  return HEAD + astToString(await openapiTS(from));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const fresh = await generated();
  if (!process.argv.includes('--check')) await writeFile(to, fresh);
  else if (fresh !== (await readFile(to, 'utf8'))) {
    process.stderr.write('src/api/schema.ts is old: run `npm run generate`\n');
    process.exitCode = 1;
  }
}
