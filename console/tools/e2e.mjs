// Runs the browser's tests where Chromium is found. Builds the console first when the stand-in is to serve it.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromium)) {
  process.stdout.write(`skipped: there is no Chromium at ${chromium} (set CHROMIUM to its path)\n`);
  process.exit(0);
}
const run = (...command) => spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
if (!process.env.FLORIN_URL && !process.env.BUILT) {
  const built = run('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn');
  if (built !== 0) process.exit(built);
}
process.exit(run('node_modules/vitest/vitest.mjs', 'run', '--config', 'e2e/vitest.config.ts', ...process.argv.slice(2)));
