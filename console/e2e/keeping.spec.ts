// Flows of those who keep data, models and rules.

import { expect } from 'vitest';
import { axe, examples, open, settled, test } from './browser';

test.runIf(examples)('a load is begun and its outcome told', async ({ reader: { page } }) => {
  await open(page, '/data');
  await page.getByRole('button', { name: 'Load what is new' }).click();
  await page.getByText('there was nothing new').waitFor();
  expect(await axe(page)).toEqual([]);
});

test.runIf(examples)('the raw text of quarantined records is shown only on demand', async ({ reader: { page } }) => {
  await open(page, '/quality?part=quarantine');
  await page.getByRole('button', { name: 'core_transaction', exact: true }).click();
  await page.getByText('not a number').waitFor();
  expect(await page.getByText('壹仟元').count()).toBe(0);
  await page.getByRole('button', { name: 'Show the records themselves' }).click();
  await page.getByText('壹仟元').waitFor();
});

test.runIf(examples)('a node of the lineage is reached by the keyboard', async ({ reader: { page } }) => {
  await open(page, '/lineage');
  await page.locator('.react-flow__node[data-id="trait:balance"]').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What rests on it' }).waitFor();
  await settled(page);
  expect(decodeURIComponent(page.url())).toContain('trait:balance');
  await page.getByRole('button', { name: 'deposit', exact: true }).first().waitFor();
  expect(await axe(page)).toEqual([]);
});

test.runIf(examples)('refusing a model asks for a reason', async ({ reader: { page } }) => {
  await open(page, '/models/loan_default/7');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Refuse' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Refuse' }).click();
  await dialog.getByText('at least 8 letters').waitFor();
  await dialog.getByLabel('Reason').fill('calibration is off in two regions');
  const acted = page.waitForRequest((request) => request.url().endsWith('/acts'));
  await dialog.getByRole('button', { name: 'Refuse' }).click();
  expect((await acted).postDataJSON()).toEqual({ act: 'refuse', reason: 'calibration is off in two regions' });
});

test.runIf(examples)('the audit log is filtered and verified', async ({ reader: { page } }) => {
  await open(page, '/governance?kind=refusal');
  expect(await page.locator('.ant-table-row').count()).toBe(1);
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('The log is whole').waitFor();
  expect(await axe(page)).toEqual([]);
});
