// The client's types are those of the server's OpenAPI document.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('src/api/schema.ts is up to date (`npm run generate`)', () => {
  expect(() => execFileSync(process.execPath, [join(import.meta.dirname, '../tools/generate.mjs'), '--check'], { stdio: 'pipe' })).not.toThrow();
});
