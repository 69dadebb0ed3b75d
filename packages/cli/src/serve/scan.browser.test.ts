// Posters scanned in a real browser on the real engine: Chromium's camera is a film with a QR code in it, drawn by another
// author's code than what reads it, or as `hunt codes` has it printed. Chromium on Linux has no reader of its own, as Safari and Firefox have none.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Engine, startEngine } from '@hunt/engine';
import { compileHunt } from '@hunt/rules/definition';
import { createOrganiserClient } from '@hunt/sdk';
import { webFiles } from '@hunt/web';
import {
  type BrowserWithCamera,
  chromiumPath,
  launchWithCamera,
  type Picture,
} from '@hunt/web/testing';
import { type Browser, devices, type Locator, type Page } from 'playwright-core';
import { huntInProcess } from '../testing/hunt-in-process.ts';

const executablePath = chromiumPath();
const skip = executablePath === undefined ? 'needs: chromium' : false;

/** A hunt of two posters. */
const huntSource = (id: string) => `
hunt: ${id}
title: By the harbour
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2036-01-01T00:00:00Z
steps:
  - { id: crane, title: The crane, clue: It hangs below the hook., points: 10, scan: { code: crane-1 } }
  - { id: locker, title: The locker, clue: Inside number 12., points: 20, scan: { code: locker-1 } }
`;

let directory: string;
let engine: Engine;
let launched: BrowserWithCamera;
let camera: BrowserWithCamera['camera'];
let browser: Browser;

before(async () => {
  if (executablePath === undefined) return;
  directory = mkdtempSync(join(tmpdir(), 'hunt-scan-'));
  const hunts = ['harbour', 'other-harbour'].map(
    (id) => compileHunt(huntSource(id), `${id}.yaml`).hunt!,
  );
  const place = { directory, host: '127.0.0.1', port: 0 };
  engine = await startEngine({ ...place, hunts, web: webFiles, logLevel: 'error' });
  launched = await launchWithCamera(executablePath);
  ({ browser, camera } = launched);
});

after(async () => {
  await launched?.close();
  await engine?.close();
  if (directory) rmSync(directory, { recursive: true });
});

/** The code of a step's poster, as `hunt codes` lists it. */
async function codeOf(hunt: string, step: string): Promise<string> {
  const key = readFileSync(engine.organiserKeyFile, 'utf8').trim();
  const codes = await createOrganiserClient({ baseUrl: engine.url, key }).scanCodes(hunt);
  return codes.find((one) => one.step === step)!.code;
}

interface Player {
  readonly page: Page;
  /** Bodies of the commands that the page has sent. */
  readonly commands: unknown[];
}

/** A phone whose owner has joined. An error in its console, such as of the security policy, fails the test. */
async function player(t: TestContext, permissions: readonly string[]): Promise<Player> {
  const context = await browser.newContext({ ...devices['Pixel 5'] });
  // Naming some refuses all others.
  await context.grantPermissions([...permissions], { origin: engine.url });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const errors: string[] = [];
  const commands: unknown[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', (request) => {
    if (request.url().endsWith('/commands')) commands.push(request.postDataJSON());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, []);
  });
  await page.goto(`${engine.url}/?hunt=harbour`);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: 'The crane' }).waitFor();
  return { page, commands };
}

const step = (page: Page, title: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) });
const scanner = (page: Page): Locator => page.getByRole('dialog', { name: 'Scan the poster' });
const useCamera = (page: Page, title: string) =>
  step(page, title).getByRole('button', { name: 'Scan with the camera' }).click();

test('a player scans the code of a poster, and a link with the code of another', {
  skip,
}, async (t) => {
  const { page, commands } = await player(t, ['camera']);
  const crane = await codeOf('harbour', 'crane');
  camera.show(crane);
  await useCamera(page, 'The crane');
  await step(page, 'The crane').getByText('Solved! 10 points.').waitFor();
  await scanner(page).waitFor({ state: 'hidden' });
  await page.locator('#points').getByText('10', { exact: true }).waitFor();

  const locker = await codeOf('harbour', 'locker');
  camera.show(`https://hunt.example/?scan=${locker}`);
  await useCamera(page, 'The locker');
  await step(page, 'The locker').getByText('Solved! 20 points.').waitFor();
  await page.locator('#points').getByText('30', { exact: true }).waitFor();
  assert.deepEqual(commands, [
    { type: 'scan-code', step: 'crane', code: crane },
    { type: 'scan-code', step: 'locker', code: locker },
  ]);
});

test('posters that `hunt codes` makes are scanned as they are printed', { skip }, async (t) => {
  const { page, commands } = await player(t, ['camera']);
  const crane = await printedQrCode('alone.html', 'The crane');
  const locker = await printedQrCode('linked.html', 'The locker', '--link', engine.url);
  camera.show(crane);
  await useCamera(page, 'The crane');
  await step(page, 'The crane').getByText('Solved! 10 points.').waitFor();
  camera.show(locker);
  await useCamera(page, 'The locker');
  await step(page, 'The locker').getByText('Solved! 20 points.').waitFor();
  assert.deepEqual(commands, [
    { type: 'scan-code', step: 'crane', code: await codeOf('harbour', 'crane') },
    { type: 'scan-code', step: 'locker', code: await codeOf('harbour', 'locker') },
  ]);
});

/** Has posters made, and takes the QR code of one from what a printer would be sent. */
async function printedQrCode(name: string, title: string, ...flags: string[]): Promise<Picture> {
  const file = join(directory, name);
  const argv = ['codes', '--hunt', 'harbour', '--target', engine.url, '--posters', file, ...flags];
  const env = { HUNT_ORGANISER_KEY: readFileSync(engine.organiserKeyFile, 'utf8').trim() };
  const { code, errors } = await huntInProcess(argv, { env });
  assert.equal(code, 0, errors);
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.emulateMedia({ media: 'print' });
  const heading = page.getByRole('heading', { name: title, exact: true });
  const image = page.getByRole('article').filter({ has: heading }).getByRole('img');
  const pixels = await page.evaluate<Picture>(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${(await image.screenshot()).toString('base64')}';
    await image.decode();
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    const row = (y) => Array.from({ length: width }, (_, x) => data[4 * (y * width + x)] < 128);
    return Array.from({ length: height }, (_, y) => row(y));
  })()`);
  await page.close();
  return pixels;
}

test('where the camera is refused, the code is typed', { skip }, async (t) => {
  const { page } = await player(t, ['geolocation']);
  await useCamera(page, 'The crane');
  const crane = step(page, 'The crane');
  await crane.getByText('This page may not use the camera.').waitFor();
  await crane.getByText('or type the code on the poster.').waitFor();
  await scanner(page).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate('document.activeElement.tagName'), 'INPUT');
  await page.keyboard.type(await codeOf('harbour', 'crane'));
  await page.keyboard.press('Enter');
  await crane.getByText('Solved! 10 points.').waitFor();
});

test('a QR code of something else is told and not sent; the right one may follow', {
  skip,
}, async (t) => {
  const { page, commands } = await player(t, ['camera']);
  const foreign = 'This code does not belong to this hunt.';
  const others: [string, string][] = [
    ['https://somewhere.example/menu?table=4', foreign],
    [await codeOf('other-harbour', 'crane'), foreign],
    [await codeOf('harbour', 'locker'), 'This is the code of “The locker”, not of “The crane”.'],
  ];
  for (const [text, told] of others) {
    camera.show(text);
    await useCamera(page, 'The crane');
    await scanner(page).getByText(told).waitFor();
    await scanner(page).getByRole('button', { name: 'Cancel' }).click();
    await scanner(page).waitFor({ state: 'hidden' });
  }
  assert.deepEqual(commands, []);
  camera.show(await codeOf('harbour', 'crane'));
  await useCamera(page, 'The crane');
  await step(page, 'The crane').getByText('Solved! 10 points.').waitFor();
  assert.equal(commands.length, 1);
});
