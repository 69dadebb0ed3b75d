import assert from 'node:assert/strict';
import { decodeQR } from 'qr/decode.js';

/** The modules of the QR codes in a text with SVG images as `qrSvg` draws them, dark ones being true, row by row. */
export function qrImages(text: string): boolean[][][] {
  const images = text.matchAll(/<svg [^>]*viewBox="0 0 (\d+) \1"[^>]*>.*? d="(M[^"]*)"\/><\/svg>/g);
  return [...images].map(([, size, dark]) => modulesOf(Number(size), dark!));
}

function modulesOf(size: number, dark: string): boolean[][] {
  const rows = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const runs = [...dark.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)];
  assert.equal(runs.map(([run]) => run).join(''), dark);
  for (const [, x, y, width, back] of runs) {
    assert.equal(width, back);
    rows[Number(y)]!.fill(true, Number(x), Number(x) + Number(width));
  }
  return rows;
}

/** What the page's reader of QR codes reads in such images. */
export function readQrCodes(text: string): string[] {
  return qrImages(text).map((rows) => decodeQR(picture(rows)));
}

/** Four points to a module. */
function picture(rows: readonly (readonly boolean[])[]) {
  const width = 4 * rows.length;
  const data = new Uint8Array(4 * width * width).fill(255);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const point = 4 * (y * width + x);
      if (rows[y >> 2]![x >> 2]) data.fill(0, point, point + 3);
    }
  }
  return { width, height: width, data };
}
