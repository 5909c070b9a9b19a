// A browser for tests: one Chromium a file, a fresh profile a test. Everything that a page must never do (ask another origin,
// break the content security policy, throw) fails the test that made it do so.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, expect, inject, test as base } from 'vitest';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export const url = inject('url');
export const examples = inject('examples');
/** Who signs in: on a real server, the user and password of `cargo xtask demo`. */
export const user = { name: process.env.FLORIN_USER ?? 'ana', password: process.env.FLORIN_PASSWORD ?? 'correct horse' };

let browser: Browser | undefined;
afterAll(async () => browser?.close());

async function launch(): Promise<Browser> {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  return browser;
}

export interface Looks {
  language?: 'zh' | 'en';
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
}

/** A new reader, not signed in. */
export async function visit({ language = 'en', theme = 'light', width = 1440, height = 900 }: Looks = {}): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await (await launch()).newContext({ viewport: { width, height }, locale: language === 'zh' ? 'zh-CN' : 'en-GB', colorScheme: theme, reducedMotion: 'reduce' });
  await context.addInitScript(([l, t]) => {
    // A sandboxed frame, such as a model's card, has no storage.
    if (globalThis.origin === 'null') return;
    localStorage.setItem('florin.language', l);
    localStorage.setItem('florin.theme', t);
  }, [language, theme] as const);
  const faults: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`threw: ${error.message}`));
  page.on('console', (message) => {
    // What a server refuses is a browser's error message too, and part of the flows.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(`console: ${message.text()}`);
  });
  await context.route((asked) => asked.origin !== new URL(url).origin && asked.protocol.startsWith('http'), (route) => {
    faults.push(`asked another origin: ${route.request().url()}`);
    return route.abort();
  });
  return { context, page, faults };
}

export async function signIn(page: Page): Promise<void> {
  const answer = await page.request.post(`${url}/v1/sign-in`, { headers: { 'x-florin': '1' }, data: { user: user.name, password: user.password } });
  expect(answer.ok()).toBe(true);
}

/** Opens a page as somebody who has signed in, and waits until it stands. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(url + path);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' }).catch(() => {});
}

/** What axe finds, in a line each. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async (rules) => {
    const { axe: checker } = globalThis as unknown as { axe: { run: (where: Document, options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const { violations } = await checker.run(document, { runOnly: { type: 'tag', values: rules } });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} — ${node.failureSummary?.replace(/\s+/g, ' ').slice(0, 260) ?? ''}`));
  }, RULES);
}

/** Whether the page is wider than the window: parts may scroll sideways, the page must not. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

interface Fixtures {
  reader: { page: Page; faults: string[] };
}

/** A test with a reader who has signed in; faults fail it. */
export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern
  reader: async ({}, use) => {
    const { context, page, faults } = await visit();
    await signIn(page);
    await use({ page, faults });
    await context.close();
    expect(faults).toEqual([]);
  },
});
