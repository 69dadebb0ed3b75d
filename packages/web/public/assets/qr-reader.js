// @ts-check

/** @typedef {{ detect(view: HTMLVideoElement): Promise<{ rawValue: string }[]> }} QrReader */

/**
 * Finds QR codes in pictures. The browser's own reader where it knows them; most browsers, all on iPhones among them,
 * have none, and load one that is written in JavaScript.
 * @returns {Promise<QrReader>}
 */
export async function qrReader() {
  const own = /** @type {any} */ (globalThis)['BarcodeDetector'];
  // An Android without Google's services has a reader that knows no format.
  const known = await own?.getSupportedFormats().catch(() => []);
  const { BarcodeDetector } = known?.includes('qr_code')
    ? { BarcodeDetector: own }
    : await import('/assets/qr/decode.js');
  return new BarcodeDetector({ formats: ['qr_code'] });
}
