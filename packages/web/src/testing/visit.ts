import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { StubHuntServer } from './stub-hunt-server.ts';

/** The path, what the browser says of itself, and what the server is like before the page is opened. */
export type HowToVisit = [
  path?: string,
  options?: BrowserContextOptions,
  prepare?: (server: StubHuntServer) => void,
];

interface Visit {
  readonly page: Page;
  readonly server: StubHuntServer;
  readonly url: string;
}

/** Opens a page of a hunt of its own on a phone. An error in the browser's console fails the test. */
export async function visit(
  browser: Browser,
  context: TestContext,
  ...[path = '/', options = {}, prepare = () => undefined]: HowToVisit
): Promise<Visit> {
  const server = new StubHuntServer();
  prepare(server);
  const url = await server.listen();
  const phone = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
  phone.setDefaultTimeout(5_000);
  const page = await phone.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // Chromium logs every refused request; those are what some tests are about.
    const refused = /Failed to load resource|WebSocket connection/.test(message.text());
    if (message.type() === 'error' && !refused) errors.push(message.text());
  });
  page.on('dialog', (dialog) => dialog.accept());
  context.after(async () => {
    await phone.close();
    await server.close();
    assert.deepEqual(errors, []);
  });
  await page.goto(url + path);
  return { page, server, url };
}

export async function join(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: 'The old bridge' }).waitFor();
}

/** The card of a step. */
export function step(page: Page, title: string): Locator {
  return page.getByRole('listitem').filter({ hasText: title });
}

/** Waits for a text to be there. */
export async function sees(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}
