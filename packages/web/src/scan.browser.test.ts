// The scanner of posters where something is not as it should be, and what it leaves behind. Chromium's camera is a film.
// Scanning on the real engine is tested with `hunt serve`.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { breaches } from './testing/accessibility.ts';
import { chromiumPath } from './testing/browser.ts';
import { type BrowserWithCamera, launchWithCamera } from './testing/browser-with-camera.ts';
import { type StubHuntServer, scanCode } from './testing/stub-hunt-server.ts';
import { join, sees, step, visit } from './testing/visit.ts';

const executablePath = chromiumPath();
const skip = executablePath === undefined ? 'needs: chromium' : false;
let launched: BrowserWithCamera;
let camera: BrowserWithCamera['camera'];
let browser: Browser;

before(async () => {
  if (executablePath === undefined) return;
  launched = await launchWithCamera(executablePath);
  ({ browser, camera } = launched);
});
after(() => launched?.close());

/**
 * Keeps each camera that the page is given in `cameras`. It waits for the next of `permissions`, if there is one, as it
 * does for somebody who is asked.
 */
const watchCameras = `{
  const media = navigator.mediaDevices;
  const real = media.getUserMedia.bind(media);
  globalThis.cameras = [];
  globalThis.permissions = [];
  media.getUserMedia = async (wanted) => {
    await globalThis.permissions.shift();
    const camera = await real(wanted);
    globalThis.cameras.push(camera);
    return camera;
  };
}`;

/** A page of somebody who has joined and may use the camera; `script` changes the browser before. */
async function scanPage(t: TestContext, script = '', options: BrowserContextOptions = {}) {
  const openPoster = (server: StubHuntServer) => {
    server.progress.steps[1]!.open = true;
  };
  const { page, server } = await visit(
    browser,
    t,
    '/',
    { permissions: ['camera'], ...options },
    openPoster,
  );
  if (script !== '') await page.evaluate(script);
  await page.evaluate(watchCameras);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await join(page);
  return { page, server, requests };
}

const scanner = (page: Page) => page.getByRole('dialog', { name: 'Scan the poster' });
const openScanner = (page: Page) =>
  page.getByRole('button', { name: 'Scan with the camera' }).click();
const camerasOn = (page: Page): Promise<boolean[]> =>
  page.evaluate('cameras.map((camera) => camera.active)');
const camerasBecome = (page: Page, expected: readonly boolean[]) =>
  becomes(page, 'cameras.map((camera) => camera.active)', expected);

/**
 * Waits for an expression to be so. Asked by the debugger, since a function that waits in the page would be against its
 * security policy.
 */
async function becomes(page: Page, expression: string, expected: unknown): Promise<void> {
  const end = Date.now() + 5_000;
  for (;;) {
    const value: unknown = await page.evaluate(expression);
    if (isDeepStrictEqual(value, expected)) return;
    assert.ok(Date.now() < end, `${expression} is ${value}, not ${expected}`);
    await setTimeout(20);
  }
}

const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

test('the camera is off once the scanner is closed, and the button has the focus again', {
  skip,
}, async (t) => {
  const { page, server } = await scanPage(t);
  camera.show();
  const off: boolean[] = [];
  for (const close of ['Escape', 'Enter']) {
    await openScanner(page);
    await sees(page, 'Hold the QR code inside the picture.');
    assert.equal(await focused(page), 'Cancel');
    assert.deepEqual(await camerasOn(page), [...off, true]);
    await page.keyboard.press(close);
    await scanner(page).waitFor({ state: 'hidden' });
    off.push(false);
    await camerasBecome(page, off);
    assert.equal(await focused(page), 'Scan with the camera');
  }
  camera.show(scanCode);
  await openScanner(page);
  await sees(page, 'Solved! 10 points.');
  assert.deepEqual(await camerasOn(page), [...off, false]);
  assert.equal(await page.evaluate('document.querySelector("video").srcObject'), null);
  assert.equal(server.commands.length, 1);
});

test('a scanner that is closed before its camera comes leaves the next one alone', {
  skip,
}, async (t) => {
  const { page } = await scanPage(t);
  camera.show();
  await page.evaluate(`
    first = Promise.withResolvers();
    second = Promise.withResolvers();
    permissions.push(first.promise, second.promise);
  `);
  await openScanner(page);
  await sees(page, 'Starting the camera. Allow it if your browser asks.');
  await scanner(page).getByRole('button', { name: 'Cancel' }).click();
  await openScanner(page);
  await page.evaluate('first.resolve()');
  await camerasBecome(page, [false]);
  await sees(page, 'Starting the camera. Allow it if your browser asks.');
  await page.evaluate('second.resolve()');
  await sees(page, 'Hold the QR code inside the picture.');
  assert.deepEqual(await camerasOn(page), [false, true]);
  assert.equal(
    await page.evaluate('document.querySelector("video").srcObject === cameras[1]'),
    true,
  );
});

test('the scanner is closed when the step is solved by somebody else of the team', {
  skip,
}, async (t) => {
  camera.show();
  const { page, server } = await scanPage(t);
  await openScanner(page);
  await sees(page, 'Hold the QR code inside the picture.');
  server.progress.steps[1]!.solved = true;
  server.push({ event: 'step-solved', step: 'poster' });
  await scanner(page).waitFor({ state: 'hidden' });
  await camerasBecome(page, [false]);
});

test('the scanner is closed when the player is no longer known', { skip }, async (t) => {
  camera.show();
  const { page, server } = await scanPage(t);
  await openScanner(page);
  await sees(page, 'Hold the QR code inside the picture.');
  server.knowsPlayers = false;
  server.push({ event: 'step-solved', step: 'bridge' });
  await scanner(page).waitFor({ state: 'hidden' });
  await camerasBecome(page, [false]);
  await page.getByRole('heading', { name: 'Join the hunt' }).waitFor();
});

/** Stands in for the reader of a browser that has one, as Chrome's on Android. */
const ownReader = (formats: string[]) => `
  globalThis.BarcodeDetector = class {
    static getSupportedFormats = async () => ${JSON.stringify(formats)};
    detect = async () => [{ rawValue: '${scanCode}' }];
  };`;

test("the browser's own reader is taken where it knows QR codes, and nothing is loaded", {
  skip,
}, async (t) => {
  camera.show();
  const { page, requests } = await scanPage(t, ownReader(['ean_13', 'qr_code']));
  await openScanner(page);
  await sees(page, 'Solved! 10 points.');
  assert.deepEqual(
    requests.filter((path) => path.startsWith('/assets/qr/')),
    [],
  );
});

test('a reader that knows no QR codes is passed by', { skip }, async (t) => {
  camera.show(scanCode);
  const { page, requests } = await scanPage(t, ownReader([]));
  assert.deepEqual(
    requests.filter((path) => path.startsWith('/assets/qr/')),
    [],
  );
  await openScanner(page);
  await sees(page, 'Solved! 10 points.');
  assert.deepEqual(
    requests.filter((path) => path.startsWith('/assets/qr/')),
    ['/assets/qr/decode.js', '/assets/qr/index.js'],
  );
});

const failures: [what: string, script: string, told: string][] = [
  [
    'there is no camera',
    'navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };',
    'There is no camera on this device. Type the code on the poster.',
  ],
  [
    'another app has the camera',
    'navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotReadableError"); };',
    'The camera does not start. Another app may be using it. Try again, or type the code on the poster.',
  ],
  [
    'the picture does not start',
    'HTMLMediaElement.prototype.play = async () => { throw new DOMException("", "NotSupportedError"); };',
    'The camera does not start. Another app may be using it. Try again, or type the code on the poster.',
  ],
  [
    "the browser's own reader fails",
    `globalThis.BarcodeDetector = class {
      static getSupportedFormats = async () => ['qr_code'];
      detect = async () => { throw new DOMException("", "InvalidStateError"); };
    };`,
    'The camera has stopped. Try again, or type the code on the poster.',
  ],
];

for (const [what, script, told] of failures) {
  test(`it is said when ${what}, and the code can be typed`, { skip }, async (t) => {
    camera.show();
    const { page, server } = await scanPage(t, script);
    await openScanner(page);
    await tellsAndTakesTheCode(page, server, told);
  });
}

/** The scanner is closed, its camera is off, and the code can be typed instead. */
async function tellsAndTakesTheCode(page: Page, server: StubHuntServer, told: string) {
  await step(page, 'Poster').getByText(told).waitFor();
  await scanner(page).waitFor({ state: 'hidden' });
  assert.ok((await camerasOn(page)).every((isOn) => !isOn));
  await page.keyboard.type(`https://hunt.example/?scan=${scanCode}`);
  await page.keyboard.press('Enter');
  await sees(page, 'Solved! 10 points.');
  assert.deepEqual(server.commands, [{ type: 'scan-code', step: 'poster', code: scanCode }]);
}

const stopped = 'The camera has stopped. Try again, or type the code on the poster.';
/** As a camera that is unplugged or taken by another app. */
const takeCameraAway = `
  for (const track of cameras[0].getTracks()) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }`;

test('it is said when the camera goes away, and the code can be typed', { skip }, async (t) => {
  camera.show();
  const { page, server } = await scanPage(t);
  await openScanner(page);
  await sees(page, 'Hold the QR code inside the picture.');
  await page.evaluate(takeCameraAway);
  await tellsAndTakesTheCode(page, server, stopped);
});

test('the same while the reader of QR codes is loaded', { skip }, async (t) => {
  camera.show();
  const { page, server } = await scanPage(t);
  await page.route('**/assets/qr/*', () => undefined);
  await openScanner(page);
  await camerasBecome(page, [true]);
  await page.evaluate(takeCameraAway);
  await tellsAndTakesTheCode(page, server, stopped);
});

test('a scanner that is closed while its reader is loaded turns its camera off', {
  skip,
}, async (t) => {
  camera.show();
  const { page } = await scanPage(t);
  await page.route('**/assets/qr/*', () => undefined);
  await openScanner(page);
  await camerasBecome(page, [true]);
  await scanner(page).getByRole('button', { name: 'Cancel' }).click();
  await camerasBecome(page, [false]);
});

test('a scanner that is closed before its picture starts turns its camera off', {
  skip,
}, async (t) => {
  camera.show();
  const { page } = await scanPage(
    t,
    'HTMLMediaElement.prototype.play = () => new Promise(() => {});',
  );
  await openScanner(page);
  await camerasBecome(page, [true]);
  await becomes(page, 'document.querySelector("video").srcObject !== null', true);
  await page.keyboard.press('Escape');
  await camerasBecome(page, [false]);
  assert.equal(await page.evaluate('document.querySelector("video").srcObject'), null);
});

test('a reader that cannot be loaded is said, and loads with the page', { skip }, async (t) => {
  camera.show(scanCode);
  const { page } = await scanPage(t);
  await page.route('**/assets/qr/*', (route) => route.abort());
  await openScanner(page);
  await sees(
    page,
    'The scanner could not be loaded. Reload the page, or type the code on the poster.',
  );
  await camerasBecome(page, [false]);
  await page.unroute('**/assets/qr/*');
  await page.reload();
  await openScanner(page);
  await sees(page, 'Solved! 10 points.');
});

test('what is typed and is no code of this step is told and not sent', { skip }, async (t) => {
  const { page, server } = await scanPage(t);
  const card = step(page, 'Poster');
  const others: [string, string][] = [
    ['nonsense', 'This code does not belong to this hunt.'],
    ['https://hunt.example/', 'This code does not belong to this hunt.'],
    [scanCode.replace('city-lights', 'harbour'), 'This code does not belong to this hunt.'],
    [scanCode.replace('poster', 'cellar'), 'This code does not belong to this hunt.'],
    [scanCode.replace('poster', 'tower'), 'This is the code of “Tower”, not of “Poster”.'],
  ];
  for (const [text, told] of others) {
    await card.getByLabel('Code on the poster').fill(text);
    await card.getByRole('button', { name: 'Check code' }).click();
    await card.getByText(told).waitFor();
  }
  assert.deepEqual(server.commands, []);
});

test('without https there is no camera to ask for', { skip }, async (t) => {
  const { page } = await visit(browser, t, '/', {}, (server) => {
    server.progress.steps[1]!.open = true;
  });
  await page.addInitScript('delete Navigator.prototype.mediaDevices');
  await page.reload();
  await join(page);
  await step(page, 'Poster').getByRole('button', { name: 'Check code' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Scan with the camera' }).count(), 0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the scanner can be read and used by everybody, in ${colorScheme} colours`, {
    skip,
  }, async (t) => {
    camera.show();
    const { page } = await scanPage(t, '', { colorScheme, viewport: { width: 320, height: 600 } });
    await openScanner(page);
    await sees(page, 'Hold the QR code inside the picture.');
    assert.deepEqual(await breaches(page), []);
    await page.keyboard.press('Escape');
    await scanner(page).waitFor({ state: 'hidden' });
    camera.show('https://somewhere.example/menu');
    await openScanner(page);
    await sees(page, 'This code does not belong to this hunt.');
    assert.deepEqual(await breaches(page), []);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
  });
}
