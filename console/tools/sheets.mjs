// Lays the pictures that `PICTURES=folder npm run e2e -- every-page` took side by side, one sheet a page: in Chinese, in English and dark, narrow.
//
// node tools/sheets.mjs FOLDER OUT

import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [from, to] = process.argv.slice(2);
if (!from || !to) throw new Error('node tools/sheets.mjs FOLDER OUT');
const LOOKS = ['light', 'dark', 'narrow'];
/** Heights in pixels of a sheet: what a window shows, and not all that a page has. */
const HEIGHT = 450;
const WIDTHS = { light: 720, dark: 720, narrow: 208 };

mkdirSync(to, { recursive: true });
const names = readdirSync(from).filter((file) => file.endsWith('-narrow.png') && !file.endsWith('-very-narrow.png')).map((file) => file.slice(0, -'-narrow.png'.length));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const width = Object.values(WIDTHS).reduce((sum, each) => sum + each, 0) + 40;
const page = await browser.newPage({ viewport: { width, height: HEIGHT + 20 } });
for (const name of names.sort()) {
  const picture = (look) => {
    const data = readFileSync(join(from, `${name}-${look}.png`)).toString('base64');
    return `<div style="width:${WIDTHS[look]}px;height:${HEIGHT}px;overflow:hidden"><img style="width:100%;display:block" src="data:image/png;base64,${data}"></div>`;
  };
  await page.setContent(`<body style="margin:0;padding:10px;display:flex;gap:10px;background:#8a8f98">${LOOKS.map(picture).join('')}</body>`);
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  await page.screenshot({ path: join(to, `${name}.jpg`), type: 'jpeg', quality: 72 });
}
await browser.close();
