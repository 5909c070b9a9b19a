// Flows of those who ask: a funnel built and opened, shelves filled by mouse and by keyboard, SQL, dashboards.

import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import { axe, examples, open, settled, test } from './browser';

/** By the keyboard: what is typed narrows the list, Enter takes it. */
async function pick(page: Page, label: string, event: string): Promise<void> {
  await page.getByLabel(label).focus();
  await page.keyboard.type(event);
  await page.locator(`.ant-select-item-option-active[title="${event}"]`).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByLabel(label).blur();
}

test.runIf(examples)('a funnel is built by picking events, opens to its customers, and these are saved', async ({ reader: { page } }) => {
  await open(page, '/funnel?q={"step":[]}');
  await pick(page, 'Event of step 1', 'login');
  await page.getByRole('button', { name: 'Add a step' }).click();
  await pick(page, 'Event of step 2', 'transfer');
  await settled(page);
  expect(decodeURIComponent(page.url()).replaceAll('+', ' ')).toContain("name = 'transfer'");
  await page.getByRole('button', { name: 'Lost before “transfer”: 1789' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('1,789').waitFor();
  expect(await axe(page)).toEqual([]);
  const link = page.url();
  await drawer.getByRole('button', { name: 'Save as segment' }).click();
  await drawer.getByLabel('Name of the segment').fill('lost_transfer');
  await drawer.getByRole('button', { name: 'Save', exact: true }).click();
  await drawer.getByRole('link', { name: 'Open lost_transfer' }).waitFor();
  await open(page, link.slice(new URL(link).origin.length));
  await page.getByRole('dialog').getByText('1,789').waitFor();
});

test.runIf(examples)('a changed journey is saved under a name', async ({ reader: { page } }) => {
  await open(page, '/funnel?name=apply');
  await page.getByRole('button', { name: 'Remove step 3' }).click();
  await settled(page);
  const asked = page.waitForRequest((request) => request.method() === 'PUT');
  await page.locator('.page-actions').getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('Name', { exact: true }).fill('apply_short');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const { object } = (await asked).postDataJSON() as { object: { step: unknown[]; kind: string } };
  expect([object.kind, object.step.length]).toEqual(['funnel', 2]);
});

test.runIf(examples)('shelves are filled by the keyboard alone, and the answer opens', async ({ reader: { page } }) => {
  await open(page, '/explore?q={"table":"transaction"}');
  const field = page.getByRole('button', { name: 'channel' });
  await field.focus();
  await page.keyboard.press('Enter');
  await page.locator('[role=menuitem]:focus').waitFor();
  await page.keyboard.press('Enter');
  await settled(page);
  expect(decodeURIComponent(page.url())).toContain('"dimensions":[{"field":"channel"}]');
  await page.getByRole('radio', { name: 'Pivot with totals' }).click();
  await page.getByRole('region', { name: 'Pivot with totals' }).getByRole('button').first().click();
  await page.getByRole('dialog').getByText('594').waitFor();
});

test.runIf(examples)('a field is dragged onto a shelf', async ({ reader: { page } }) => {
  await open(page, '/explore?q={"table":"transaction"}');
  await page.getByRole('button', { name: 'amount' }).dragTo(page.getByRole('group', { name: 'Numbers' }));
  await settled(page);
  expect(decodeURIComponent(page.url())).toContain('"measures":[{"aggregate":"sum","field":"amount"}]');
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).press('Enter');
  await page.getByRole('menuitem', { name: 'CSV' }).press('Enter');
  expect((await file).suggestedFilename()).toBe('explore.csv');
});

test.runIf(examples)('a click on one tile filters the others, and a link keeps it', async ({ reader: { page } }) => {
  await open(page, '/dashboards/channels');
  const asked = page.waitForRequest((request) => request.url().endsWith('/v1/explore') && (request.postData() ?? '').includes('"one_of"'));
  await page.getByRole('region', { name: '各渠道金额' }).getByRole('button', { name: 'Table' }).click();
  await page.getByRole('region', { name: '各渠道金额' }).locator('td button').first().click();
  await asked;
  await page.getByRole('button', { name: 'No longer filter by channel: app' }).waitFor();
  expect(decodeURIComponent(page.url())).toContain('"one_of":["app"]');
});

test.runIf(examples)('tiles are moved and resized by the keyboard, and a conflict is told', async ({ reader: { page } }) => {
  await open(page, '/dashboards/channels?edit=true');
  await page.getByRole('button', { name: 'Make 各渠道金额 wider' }).click();
  await page.keyboard.press('Shift+ArrowRight');
  await page.getByRole('button', { name: 'Move 各渠道金额 forward' }).click();
  await page.route('**/v1/dashboards/channels', (route) => (route.request().method() === 'PUT' ? route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ status: 409, code: 'conflict', detail: 'changed', request_id: 'x' }) }) : route.continue()));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else has changed this dashboard').waitFor();
  expect(await axe(page)).toEqual([]);
  await page.unroute('**/v1/dashboards/channels');
  const written = page.waitForRequest((request) => request.method() === 'PUT');
  await page.getByRole('button', { name: 'Put mine in its place' }).click();
  const { body } = (await written).postDataJSON() as { body: { tiles: { id: string; w: number }[] } };
  expect(body.tiles.slice(0, 2)).toMatchObject([{ id: 'c', w: 8 }, { id: 'n' }]);
});

test.runIf(examples)('SQL is completed, run with the keyboard, kept in the history, and cleared', async ({ reader: { page } }) => {
  await open(page, '/sql');
  const editor = page.getByRole('textbox', { name: 'Question in SQL' });
  await editor.click();
  await page.keyboard.type('select amount from trans');
  await page.locator('.cm-tooltip-autocomplete').getByText('transaction', { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('select 1');
  await page.keyboard.press('Control+Enter');
  await page.getByText('3,000').first().waitFor();
  expect(await page.locator('.rows-table tbody tr').count()).toBeLessThan(80);
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('dialog').getByText('select 1').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('Nothing was asked yet').waitFor();
});
