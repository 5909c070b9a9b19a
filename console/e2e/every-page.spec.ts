// What must hold of every page: axe finds nothing in light and dark, nothing is asked of another origin, no script breaks the
// policy, and a narrow window needs no sideways scrolling. With PICTURES=folder it also takes pictures.

import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { axe, examples, type Looks, open, overflow, signIn, url, visit } from './browser';
import { pages } from './pages';

const pictures = process.env.PICTURES;
const only = process.env.ONLY;
if (pictures) mkdirSync(pictures, { recursive: true });

const looks: Record<string, Looks> = {
  light: { language: 'zh', theme: 'light' },
  dark: { language: 'en', theme: 'dark' },
  narrow: { language: 'zh', theme: 'light', width: 390, height: 844 },
  'very narrow': { language: 'en', theme: 'dark', width: 360, height: 740 },
};

const known = pages.filter((each) => (examples || !each.example) && (!only || only.split(',').includes(each.name)));

describe.each(Object.entries(looks))('%s', (look, how) => {
  test.each(known)('$name', async ({ name, path }) => {
    const { context, page, faults } = await visit(how);
    await signIn(page);
    await open(page, path);
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${look.replace(' ', '-')}.png`, fullPage: true });
    expect(await axe(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('sign-in', async () => {
    const { context, page, faults } = await visit(how);
    await open(page, '/sign-in');
    if (pictures) await page.screenshot({ path: `${pictures}/sign-in-${look.replace(' ', '-')}.png`, fullPage: true });
    expect(await axe(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(how.language === 'zh' ? 'zh-CN' : 'en');
    expect(faults).toEqual([]);
    expect(page.url().startsWith(url)).toBe(true);
    await context.close();
  });
});
