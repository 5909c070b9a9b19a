// How long pages take until their largest part is painted (LCP), in headless Chromium with an empty cache, the median of five.
//
// FLORIN_URL=http://127.0.0.1:8080 FLORIN_USER=ana FLORIN_PASSWORD=… node tools/paint.mjs [PATH …]

import { chromium } from 'playwright-core';

const url = process.env.FLORIN_URL ?? 'http://127.0.0.1:8080';
const [user, password] = [process.env.FLORIN_USER ?? 'ana', process.env.FLORIN_PASSWORD ?? ''];
const asked = process.argv.slice(2);
const paths = asked.length > 0 ? asked : ['/', '/customers', '/customers/5', '/segments', '/funnel', '/retention', '/paths', '/explore', '/dashboards', '/sql', '/models', '/data'];
const TURNS = 5;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });

async function largestPaint(path) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  if (path !== '/sign-in') await context.request.post(`${url}/v1/sign-in`, { headers: { 'x-florin': '1' }, data: { user, password } });
  const page = await context.newPage();
  await page.goto(url + path, { waitUntil: 'networkidle' });
  const painted = await page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({ type: 'largest-contentful-paint', buffered: true });
  }));
  await context.close();
  return painted;
}

for (const path of ['/sign-in', ...paths]) {
  const taken = [];
  for (let turn = 0; turn <= TURNS; turn += 1) taken.push(await largestPaint(path));
  const sorted = taken.slice(1).sort((a, b) => a - b);
  process.stdout.write(`${path.padEnd(16)} ${Math.round(sorted[Math.floor(TURNS / 2)])} ms, at most ${Math.round(sorted.at(-1))} ms\n`);
}
await browser.close();
