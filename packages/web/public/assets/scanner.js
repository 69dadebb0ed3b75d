// @ts-check
import { byId, say } from './element.js';
import { qrReader } from './qr-reader.js';

/** Browsers have a camera to ask for over https, and on localhost. */
export const canAskForCamera = navigator.mediaDevices !== undefined;

/** @typedef {(text: string) => { code: string } | { problem: string }} ReadCode */

/**
 * Looks through the camera until it sees a QR code that `read` takes. Undefined when the scanner was closed before;
 * rejects with an `Error` in plain words when the camera cannot be used. The camera is off once this has ended.
 * @param {ReadCode} read what the text of a QR code says
 * @returns {Promise<string | undefined>}
 */
export async function scanWithCamera(read) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('scanner'));
  const view = /** @type {HTMLVideoElement} */ (byId('scanner-view'));
  const closing = new AbortController();
  dialog.addEventListener('close', () => closing.abort(), { once: true });
  byId('scanner-close').onclick = () => dialog.close();
  tell('Starting the camera. Allow it if your browser asks.');
  dialog.showModal();
  const loading = loadReader();
  /** @type {MediaStream | undefined} */
  let camera;
  try {
    camera = await startCamera();
    const reader = await loading;
    if (closing.signal.aborted) return undefined;
    view.srcObject = camera;
    await view.play();
    tell('Hold the QR code inside the picture.');
    return await look(camera, () => reader.detect(view), read, closing.signal);
  } catch (error) {
    if (closing.signal.aborted) return undefined;
    throw error;
  } finally {
    for (const track of camera?.getTracks() ?? []) track.stop();
    if (view.srcObject === camera) view.srcObject = null;
    if (!closing.signal.aborted) dialog.close();
  }
}

/**
 * @param {MediaStream} camera
 * @param {() => Promise<{ rawValue: string }[]>} detect
 * @param {ReadCode} read
 * @param {AbortSignal} closing
 */
async function look(camera, detect, read, closing) {
  while (!closing.aborted) {
    if (!camera.active) throw new Error(`The camera has stopped. ${orType}`);
    const [seen] = await detect();
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

/** @returns {ReturnType<typeof qrReader>} */
function loadReader() {
  const loading = qrReader().catch(() => {
    throw new Error(`The scanner could not be loaded. ${orType}`);
  });
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
      return `The camera does not start. Another app may be using it. ${orType}`;
  }
}
