// Passkeys with a real server and Chromium's own authenticator: on the stand-in nothing checks what was signed.

import type { CDPSession, Page } from 'playwright-core';
import { expect } from 'vitest';
import { axe, examples, open, signIn, test, url, user, visit } from './browser';

const withServer = test.skipIf(examples);

interface Device {
  session: CDPSession;
  authenticatorId: string;
}

/** Gives a page's browser a device that keeps passkeys, and an owner who always shows who they are. */
async function device(page: Page, more: object = {}): Promise<Device> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...more } as const;
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  return { session, authenticatorId };
}

async function add(page: Page, name: string): Promise<void> {
  await open(page, '/account');
  await page.getByRole('button', { name: 'New passkey' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await page.getByRole('button', { name: `Remove ${name}` }).waitFor();
}

async function typePassword(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('User name').fill(user.name);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.keyboard.press('Enter');
}

async function remove(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Remove ${name}` }).click();
  await page.getByRole('tooltip').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('There is no passkey yet').waitFor();
}

const isIn = (page: Page) => page.getByRole('heading', { level: 1, name: /Hello/ }).waitFor();

withServer('a passkey signs in alone, and is asked for beside the password', async () => {
  const { context, page, faults } = await visit();
  await signIn(page);
  const { session, authenticatorId } = await device(page);
  await add(page, 'Laptop');
  expect(await axe(page)).toEqual([]);

  await context.clearCookies();
  await page.goto(`${url}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await isIn(page);

  await typePassword(page);
  await page.getByRole('heading', { name: 'Confirm with a passkey' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await isIn(page);

  await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await context.clearCookies();
  await page.goto(`${url}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('No passkey was used').waitFor();
  await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await isIn(page);

  await open(page, '/account');
  await page.getByRole('button', { name: 'Rename Laptop' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Old laptop');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await remove(page, 'Old laptop');
  await context.clearCookies();
  await page.goto(`${url}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('This passkey does not sign in here').waitFor();
  await typePassword(page);
  await isIn(page);
  await context.close();
  expect(faults).toEqual([]);
});

withServer('a copy of a passkey gives itself away', async () => {
  const { context, page, faults } = await visit();
  await signIn(page);
  const { session, authenticatorId } = await device(page);
  await add(page, 'Copied');
  const { credentials: [kept] } = await session.send('WebAuthn.getCredentials', { authenticatorId });
  if (!kept) throw new Error('the device has no passkey');
  const enter = async () => {
    await context.clearCookies();
    await page.goto(`${url}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  };
  await enter();
  await isIn(page);
  await enter();
  await isIn(page);
  const cookies = await context.cookies();
  // The copy counts from where it was made.
  await session.send('WebAuthn.clearCredentials', { authenticatorId });
  await session.send('WebAuthn.addCredential', { authenticatorId, credential: kept });
  await enter();
  await page.getByText('This passkey does not sign in here').waitFor();
  // Whoever's bank this is keeps their password.
  await context.addCookies(cookies);
  await open(page, '/account');
  await remove(page, 'Copied');
  await context.close();
  expect(faults).toEqual([]);
});
