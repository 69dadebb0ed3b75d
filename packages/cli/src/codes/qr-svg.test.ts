import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'uqr';
import { qrImages, readQrCodes } from '../testing/qr-images.ts';
import { qrSvg } from './qr-svg.ts';

/** Bytes that versions 1 to 14 hold, by ISO/IEC 18004, table 7. */
const capacities = {
  M: [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362],
  Q: [11, 20, 32, 46, 60, 74, 86, 108, 130, 151, 177, 203, 241, 258],
} as const;

/** Codes and links of that many characters, as signatures have them. */
const textOf = (length: number) => 'https://hunt.example/?scan=a-b.c.Z_9'.repeat(11).slice(-length);
const versionFor = (length: number, correction: 'M' | 'Q') =>
  1 + capacities[correction].findIndex((capacity) => capacity >= length);

test('a QR code is the smallest that holds the text, its error correction as strong as fits', () => {
  for (const length of [...capacities.M, ...capacities.Q].flatMap((most) => [most, most + 1])) {
    const text = textOf(length);
    const version = versionFor(length, 'M');
    if (version === 0) continue;
    const svg = qrSvg(text);
    assert.deepEqual(readQrCodes(svg), [text]);
    const [modules] = qrImages(svg);
    assert.equal(modules!.length, 17 + 4 * version + 2 * 4, `${length} characters`);
    const ecc = versionFor(length, 'Q') === version ? 'Q' : 'M';
    assert.ok(drawings(text, ecc).some(isSameAs(modules!)), `${length} characters with ${ecc}`);
  }
});

/** The same text by another author's encoder, once with each mask, of which an encoder may choose. */
const drawings = (text: string, ecc: 'M' | 'Q') =>
  Array.from({ length: 8 }, (_, maskPattern) => encode(text, { ecc, maskPattern, border: 4 }).data);

const isSameAs = (modules: readonly (readonly boolean[])[]) => {
  const shown = JSON.stringify(modules);
  return (drawn: readonly (readonly boolean[])[]) => JSON.stringify(drawn) === shown;
};

test('the image is square, has paper on all sides, and no size or colour of its surroundings', () => {
  const svg = qrSvg('city-lights.lantern.AAAAAAAAAAAAAAAAAAAAAA');
  const [modules] = qrImages(svg);
  const size = modules!.length;
  const isOutside = (index: number) => index < 4 || index >= size - 4;
  for (const [y, row] of modules!.entries()) {
    assert.equal(row.length, size);
    const paper = row.filter((_, x) => isOutside(x) || isOutside(y));
    assert.ok(paper.every((isDark) => !isDark));
  }
  assert.ok(modules![4]![4] && modules![size - 5]![4] && modules![4]![size - 5], 'nothing more');
  assert.ok(svg.includes(`<path fill="#fff" d="M0 0h${size}v${size}H0z"/>`));
  assert.doesNotMatch(svg, / (width|height|style|class)=|currentColor/);
});
