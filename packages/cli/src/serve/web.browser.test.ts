// The pages in a real browser on the real engine, as `hunt serve` runs it: nothing stands in for anything.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Engine, startEngine } from '@hunt/engine';
import { compileHunt } from '@hunt/rules/definition';
import { createOrganiserClient } from '@hunt/sdk';
import { webFiles } from '@hunt/web';
import { chromiumArguments, chromiumPath } from '@hunt/web/testing';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = chromiumPath();
const skip = executablePath === undefined ? 'needs: chromium' : false;
const sample = readFileSync(new URL('../../../../hunts/city-lights.yaml', import.meta.url), 'utf8');

let directory: string;
let engine: Engine;
let browser: Browser;

before(async () => {
  if (executablePath === undefined) return;
  directory = mkdtempSync(join(tmpdir(), 'hunt-web-'));
  const { hunt } = compileHunt(sample, 'city-lights.yaml');
  engine = await startEngine({
    directory,
    host: '127.0.0.1',
    port: 0,
    hunts: [hunt!],
    web: webFiles,
    logLevel: 'error',
  });
  browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
});

after(async () => {
  await browser?.close();
  await engine?.close();
  if (directory) rmSync(directory, { recursive: true });
});

async function open(path: string, errors: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      errors.push(message.text());
    }
  });
  await page.goto(engine.url + path);
  return page;
}

test('a team plays the sample hunt to its end, and the board moves by itself', {
  skip,
}, async () => {
  const errors: string[] = [];
  const board = await open('/board', errors);
  const page = await open('/', errors);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Name of the team').fill('Night Owls');
  await page.getByRole('button', { name: 'Join' }).click();

  const answer = async (title: string, text: string) => {
    const card = page.getByRole('listitem').filter({ hasText: title });
    await card.getByLabel('Your answer').fill(text);
    await card.getByRole('button', { name: 'Answer' }).click();
  };
  await page
    .getByRole('listitem')
    .filter({ hasText: 'The fountain' })
    .getByText('Locked')
    .waitFor();
  await answer('The old gate', 'stone');
  await page
    .getByText(/That is not it/)
    .first()
    .waitFor();
  // After the cool-down of five seconds the button is there again.
  await answer('The old gate', ' WATER ');
  await page.locator('#points').getByText('12', { exact: true }).waitFor();
  await board.getByText('Night Owls').first().waitFor();
  await board.getByText('12', { exact: true }).first().waitFor();

  await answer('The fountain', 'Cat');
  await page.locator('#points').getByText('27', { exact: true }).waitFor();
  await board.getByText('27', { exact: true }).first().waitFor();
  const coin = page.getByRole('listitem').filter({ hasText: 'Chocolate coin' });
  await coin.getByRole('button', { name: 'Claim' }).click();
  await coin.getByText('99 of 100 left').waitFor();

  const points = (text: string) =>
    page.locator('#points').getByText(text, { exact: true }).waitFor();
  await page.context().grantPermissions(['geolocation']);
  await page.context().setGeolocation({ latitude: 47.3769, longitude: 8.5417, accuracy: 10 });
  await page.getByRole('button', { name: 'I am here' }).click();
  await points('49');
  const key = readFileSync(engine.organiserKeyFile, 'utf8').trim();
  const codes = await createOrganiserClient({ baseUrl: engine.url, key }).scanCodes('city-lights');
  const codeOf = (step: string) => codes.find((one) => one.step === step)!.code;
  // One poster has a link, the other the code alone.
  await page.goto(`${engine.url}/?scan=${codeOf('lantern')}`);
  await points('66');
  const bridge = page.getByRole('listitem').filter({ hasText: 'The bridge of locks' });
  await bridge.getByLabel('Code on the poster').fill(codeOf('bridge'));
  await bridge.getByRole('button', { name: 'Check code' }).click();
  await points('83');
  await answer('The night library', '42');
  await points('100');
  await answer('The observatory', 'polaris');
  await points('132');
  const dinner = page.getByRole('listitem').filter({ hasText: 'Dinner on the roof' });
  await dinner.getByRole('button', { name: 'Claim' }).click();
  await dinner.getByText('4 of 5 left').waitFor();
  await dinner.getByRole('button', { name: 'Collect' }).click();
  await dinner.getByText('Yours', { exact: true }).waitFor();
  await board.getByText('132', { exact: true }).first().waitFor();
  assert.deepEqual(errors, []);
});
