// What people do in the console, step by step, by keyboard where that is how they do it.

import { afterAll, describe, expect } from 'vitest';
import { axe, examples, open, settled, signIn, test, url, user, visit } from './browser';

const withExamples = test.skipIf(!examples);

describe('signing in', () => {
  const visitors: { close: () => Promise<void> }[] = [];
  afterAll(async () => {
    await Promise.all(visitors.map((each) => each.close()));
  });

  async function stranger() {
    const { context, page } = await visit();
    visitors.push(context);
    return page;
  }

  test('leads to the page that was wanted', async () => {
    const page = await stranger();
    await page.goto(`${url}/segments?find=apply`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('User name').fill(user.name);
    await page.getByLabel('Password', { exact: true }).fill(user.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Segments', level: 1 }).waitFor();
    expect(new URL(page.url()).searchParams.get('find')).toBe('apply');
  });

  test('tells a wrong password without saying what was wrong', async () => {
    const page = await stranger();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel('User name').fill('ana');
    await page.getByLabel('Password', { exact: true }).fill('not the one');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('User name, password or code is wrong');
  });

  withExamples('asks for the code of an authenticator', async () => {
    const page = await stranger();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel('User name').fill('otto');
    await page.getByLabel('Password', { exact: true }).fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.type('123456');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Hello/ }).waitFor();
  });

  withExamples('lets nobody in with a one-time password until it is changed', async () => {
    const page = await stranger();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel('User name').fill('neu');
    await page.getByLabel('Password', { exact: true }).fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByText('At least 12 characters', { exact: true }).waitFor();
    await page.getByLabel('New password', { exact: true }).fill('a phrase one remembers');
    await page.getByLabel('New password once more').fill('a phrase one remembers');
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByRole('heading', { level: 1, name: /Hello/ }).waitFor();
  });

  withExamples("leads to the bank's own sign-on, and says when it lets nobody in", async () => {
    const page = await stranger();
    await page.goto(`${url}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with 统一身份认证' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain("The bank's sign-on did not let you into Florin");
    expect(await axe(page)).toEqual([]);
  });

  test('does not lead to another site afterwards', async () => {
    const page = await stranger();
    await page.goto(`${url}/sign-in?next=https%3A%2F%2Fevil.example%2F`);
    await page.getByLabel('User name').fill(user.name);
    await page.getByLabel('Password', { exact: true }).fill(user.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Hello/ }).waitFor();
    expect(new URL(page.url()).origin).toBe(new URL(url).origin);
  });

  test('a session that ended leads to the sign-in page and back', async () => {
    const page = await stranger();
    await signIn(page);
    await open(page, '/segments');
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).searchParams.get('next')).toMatch(/^\//);
  });
});

describe('finding', () => {
  test('Ctrl-K goes to a page by keyboard alone', async ({ reader: { page } }) => {
    await open(page, '/');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a customer or a page' }).waitFor();
    await page.keyboard.type('segm');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Segments', level: 1 }).waitFor();
  });

  withExamples('Ctrl-K goes to a customer, and what was typed is in no address', async ({ reader: { page } }) => {
    await open(page, '/');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.keyboard.press('Control+k');
    await page.keyboard.type('13800138000');
    await page.getByRole('option', { name: /Customer 10023/ }).click();
    await page.getByRole('heading', { name: 'Customer 10023' }).waitFor();
    expect(asked.filter((each) => each.includes('13800138000'))).toEqual([]);
    expect(page.url()).not.toContain('13800138000');
  });
});

describe('every page', () => {
  test('keeps the purpose in its address from page to page', async ({ reader: { page } }) => {
    await open(page, '/?purpose=risk');
    await page.getByRole('link', { name: 'Segments', exact: true }).first().click();
    await settled(page);
    expect(new URL(page.url()).searchParams.get('purpose')).toBe('risk');
  });

  test('speaks the language that was chosen, and says which', async ({ reader: { page } }) => {
    await open(page, '/segments');
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { name: '客群', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  });

  test('can be passed by a skip link, and focus can be seen', async ({ reader: { page } }) => {
    await open(page, '/');
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to main content' });
    expect(await skip.evaluate((element) => element === document.activeElement && getComputedStyle(element).outlineStyle)).toBe('solid');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  withExamples('keeps old figures and says so when asking again fails', async ({ reader: { page } }) => {
    await open(page, '/segments');
    await page.route('**/v1/segments?*', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, code: 'refused', detail: 'this purpose may not see segments', request_id: 'r-77' }) }));
    await page.getByRole('combobox', { name: 'Purpose' }).click();
    await page.getByText('Credit, fraud and other risk').click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('r-77');
  });
});

describe.skipIf(!examples)('a customer', () => {
  test('is unmasked for a reason only, and hidden again', async ({ reader: { page } }) => {
    await open(page, '/customers/10023');
    const bodies: unknown[] = [];
    page.on('request', (request) => request.url().endsWith('/unmask') && bodies.push(request.postDataJSON()));
    await page.getByRole('button', { name: 'Show values' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Show values' }).click();
    await dialog.getByText('Say why, in at least 8 letters').waitFor();
    expect(bodies).toEqual([]);
    await dialog.getByLabel('In your own words').fill('caller wants another number on file');
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Show values' }).click();
    await page.getByText('陈晓雨').waitFor();
    expect(bodies).toEqual([{ purpose: 'service', reason: 'Customer calls or visits: caller wants another number on file' }]);
    await page.getByRole('button', { name: 'Hide again' }).click();
    await expect.poll(() => page.getByText('陈晓雨').count()).toBe(0);
  });

  test('has a timeline whose filters are in the address', async ({ reader: { page } }) => {
    await open(page, '/customers/10023?part=timeline');
    await page.getByRole('button', { name: 'Transactions' }).click();
    await expect.poll(() => page.getByText('apply_start').count()).toBe(0);
    expect(page.url()).toContain('transaction');
    await page.reload();
    await settled(page);
    expect(await page.getByRole('button', { name: 'Transactions' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('has scores that are taken apart, as a picture and as a table', async ({ reader: { page } }) => {
    await open(page, '/customers/10023?part=scores&model=churn');
    await page.getByRole('img', { name: 'Waterfall: what each feature adds to the score' }).waitFor();
    await page.getByRole('button', { name: 'Table' }).click();
    await page.getByRole('cell', { name: 'logins in 30 days' }).waitFor();
  });

  test('is split again for a reason', async ({ reader: { page } }) => {
    await open(page, '/customers/10023?part=identity');
    const sent: unknown[] = [];
    page.on('request', (request) => request.url().endsWith('/v1/identity/5121/undo') && sent.push(request.postDataJSON()));
    await page.getByRole('button', { name: 'Take back change 5121' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('two sisters who share a phone');
    await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Taken back').waitFor();
    expect(sent).toEqual([{ customers: [10_023, 88_120], reason: 'two sisters who share a phone' }]);
  });
});

describe.skipIf(!examples)('a segment', () => {
  test('is built by keyboard and mouse, counted as one goes, and saved', async ({ reader: { page } }) => {
    await open(page, '/segments/new');
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await page.getByRole('menuitem', { name: /^Behaviour/ }).click();
    await page.getByRole('combobox', { name: 'Event or transaction' }).fill('apply_start');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.count').textContent()).toBe('8,412');
    expect(page.url()).toContain('apply_start');

    await page.getByRole('button', { name: 'Save segment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('gave_up_applying');
    await dialog.getByLabel('Meaning in Chinese').fill('开始申请的客户');
    await dialog.getByLabel('Meaning in English').fill('began an application');
    await dialog.getByRole('button', { name: 'Check' }).click();
    await dialog.getByText('segment gave_up_applying: new').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**/segments/gave_up_applying*');
  });

  test('is exported by the server', async ({ reader: { page } }) => {
    await open(page, '/segments/gave_up_applying?purpose=analytics');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('radio', { name: 'CSV' }).check();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()]);
    expect(file.suggestedFilename()).toBe('gave_up_applying.csv');
  });

  test('is laid beside others', async ({ reader: { page } }) => {
    await open(page, '/segments');
    await page.getByRole('checkbox', { name: /sent away 10,000/ }).check();
    await page.getByRole('checkbox', { name: /have held a deposit/ }).check();
    await page.getByRole('heading', { name: 'Overlap' }).waitFor();
    expect(page.url()).toContain('big_senders');
  });
});

describe.skipIf(!examples)('users and keys', () => {
  test('a user is added, and the one-time password is shown once', async ({ reader: { page } }) => {
    await open(page, '/users');
    await page.getByRole('button', { name: 'Add user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill('chen.yu');
    await dialog.getByLabel('Name', { exact: true }).fill('陈宇');
    await dialog.getByRole('checkbox', { name: 'Analyst' }).check();
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByText('tulip-anchor-seven-river').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'I have noted it' }).click();
    await expect.poll(() => page.getByText('tulip-anchor-seven-river').count()).toBe(0);
  });

  test('a key is made for a machine', async ({ reader: { page } }) => {
    await open(page, '/account');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Superset');
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    await page.getByText('florin_sk_example_0123456789').waitFor();
  });
});
