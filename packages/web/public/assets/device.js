// @ts-check
import { byId } from './element.js';

/**
 * Where this device is; rejects with an `Error` in plain words.
 * @returns {Promise<{ latitude: number, longitude: number, accuracyMeters: number }>}
 */
export function whereAmI() {
  return new Promise((resolve, reject) => {
    if (!isSecureContext || !('geolocation' in navigator)) {
      reject(new Error('Your browser gives no position here. Open the hunt over https.'));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        resolve({ latitude, longitude, accuracyMeters: Math.ceil(accuracy) }),
      ({ code }) =>
        reject(
          new Error(
            code === 1
              ? 'This page may not see your position. Allow it in the browser and try again.'
              : 'Your position could not be found. Step outside and try again.',
          ),
        ),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  });
}

/** The code in what a person scanned or pasted: posters may carry the code or a link with it. */
export function codeIn(/** @type {string} */ text) {
  const trimmed = text.trim();
  return URL.canParse(trimmed) ? (new URL(trimmed).searchParams.get('scan') ?? trimmed) : trimmed;
}

/** Not in every browser, and absent from the type checker's library. */
const Detector = /** @type {any} */ (globalThis)['BarcodeDetector'];

export const canUseCamera = Detector !== undefined && navigator.mediaDevices !== undefined;

/**
 * Looks through the camera until it sees a QR code; undefined when it was closed before.
 * @returns {Promise<string | undefined>}
 */
export async function scanWithCamera() {
  const dialog = /** @type {HTMLDialogElement} */ (byId('camera'));
  const view = /** @type {HTMLVideoElement} */ (byId('camera-view'));
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment' },
  });
  byId('camera-close').onclick = () => dialog.close();
  dialog.showModal();
  try {
    view.srcObject = stream;
    await view.play();
    const detector = new Detector({ formats: ['qr_code'] });
    while (dialog.open) {
      const [found] = await detector.detect(view);
      if (found !== undefined) return codeIn(found.rawValue);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return undefined;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    dialog.close();
  }
}
