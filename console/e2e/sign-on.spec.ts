// The bank's own sign-on in a real browser: whether cookies and redirects go together, no request by hand shows. Only with a server that
// has one (FLORIN_SIGN_ON: the account that signs in there).

import { chromium } from 'playwright-core';
import { expect, inject, test } from 'vitest';

const url = inject('url');
const account = process.env.FLORIN_SIGN_ON;

test.skipIf(!account)('leads to the bank, back, and to where somebody wanted to go', async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  // The issuer's own page asks for a font from elsewhere.
  await page.route(({ hostname }) => hostname !== 'localhost' && hostname !== '127.0.0.1', (route) => route.abort());
  await page.goto(`${url}/account`);
  await page.getByRole('button', { name: 'Sign in with Staff' }).click();
  await page.getByPlaceholder('Enter any login').fill(account ?? '');
  await page.getByPlaceholder('and password').fill('x');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/account');
  const cookies = await page.context().cookies(url);
  expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([{ name: 'florin_session', httpOnly: true, sameSite: 'Strict' }]);
  await browser.close();
});
