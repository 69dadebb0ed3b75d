// @ts-check
import { byId, say } from './element.js';
import { qrReader } from './qr-reader.js';

/** Browsers have a camera to ask for over https, and on localhost. */
export const canAskForCamera = navigator.mediaDevices !== undefined;

/** @typedef {(text: string) => { code: string } | { problem: string }} ReadCode */

/**
 * Looks through the camera until it sees a QR code that `read` takes. Undefined once the scanner is closed, whatever it
 * still waits for; rejects with an `Error` in plain words when the camera cannot be used. The camera is off once this has
 * ended; one that is allowed only later is turned off as it comes.
 * @param {ReadCode} read what the text of a QR code says
 * @returns {Promise<string | undefined>}
 */
export async function scanWithCamera(read) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('scanner'));
  const closing = new AbortController();
  const closed = new Promise((resolve) => {
    closing.signal.addEventListener('abort', () => resolve(undefined));
  });
  dialog.addEventListener('close', () => closing.abort(), { once: true });
  byId('scanner-close').onclick = () => dialog.close();
  tell('Starting the camera. Allow it if your browser asks.');
  dialog.showModal();
  const starting = startCamera();
  try {
    return await Promise.race([closed, look(starting, loadReader(), read, closing.signal)]);
  } finally {
    starting.then(turnOff, () => undefined);
    if (!closing.signal.aborted) dialog.close();
    closing.abort();
  }
}

/** For when what is scanned for is gone. Nothing happens where no scanner is open. */
export function closeScanner() {
  /** @type {HTMLDialogElement} */ (byId('scanner')).close();
}

/**
 * @param {Promise<MediaStream>} starting
 * @param {ReturnType<typeof qrReader>} loading
 * @param {ReadCode} read
 * @param {AbortSignal} closing
 */
async function look(starting, loading, read, closing) {
  const camera = await starting;
  if (closing.aborted) return undefined;
  return Promise.race([ended(camera), findCode(camera, loading, read, closing)]);
}

/**
 * Rejects once the camera is taken away.
 * @param {MediaStream} camera
 * @returns {Promise<never>}
 */
function ended(camera) {
  return new Promise((_, reject) => {
    for (const track of camera.getTracks()) {
      track.addEventListener('ended', () => reject(new Error(hasStopped)));
    }
  });
}

/**
 * @param {MediaStream} camera
 * @param {ReturnType<typeof qrReader>} loading
 * @param {ReadCode} read
 * @param {AbortSignal} closing
 */
async function findCode(camera, loading, read, closing) {
  const reader = await loading;
  if (closing.aborted) return undefined;
  const view = cameraView();
  view.srcObject = camera;
  await view.play().catch(inWords(doesNotStart));
  tell('Hold the QR code inside the picture.');
  while (!closing.aborted) {
    const [seen] = await reader.detect(view).catch(inWords(hasStopped));
    if (closing.aborted) break;
    if (seen !== undefined) {
      const result = read(seen.rawValue);
      if ('code' in result) return result.code;
      tell(result.problem, 'problem');
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return undefined;
}

/** @param {MediaStream} camera */
function turnOff(camera) {
  for (const track of camera.getTracks()) track.stop();
  const view = cameraView();
  if (view.srcObject === camera) view.srcObject = null;
}

function cameraView() {
  return /** @type {HTMLVideoElement} */ (byId('scanner-view'));
}

/**
 * @param {string} text
 * @param {'' | 'problem'} outcome
 */
function tell(text, outcome = '') {
  const said = byId('scanner-said');
  said.dataset['outcome'] = outcome;
  say(said, text);
}

const orType = 'Try again, or type the code on the poster.';
const doesNotStart = `The camera does not start. Another app may be using it. ${orType}`;
const hasStopped = `The camera has stopped. ${orType}`;

/**
 * What a failure of the browser's becomes.
 * @param {string} text
 * @returns {() => never}
 */
function inWords(text) {
  return () => {
    throw new Error(text);
  };
}

/** @returns {ReturnType<typeof qrReader>} */
function loadReader() {
  // Browsers may keep a module that did not load, so that asking for it again does nothing.
  const loading = qrReader().catch(
    inWords('The scanner could not be loaded. Reload the page, or type the code on the poster.'),
  );
  // It is waited for after the camera, which may have been refused by then.
  loading.catch(() => undefined);
  return loading;
}

async function startCamera() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    throw new Error(refusalWords(error instanceof DOMException ? error.name : ''));
  }
}

/** @param {string} name of the browser's error */
function refusalWords(name) {
  switch (name) {
    case 'NotAllowedError':
      return 'This page may not use the camera. Allow it in the browser, or type the code on the poster.';
    case 'NotFoundError':
      return 'There is no camera on this device. Type the code on the poster.';
    default:
      return doesNotStart;
  }
}
