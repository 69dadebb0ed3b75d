import type { PostingRun } from './posting-run.ts';

/** Postings in a page: 6 KB, so that a page is one leaf of the database's tree. */
export const pagePostings = 512;

/**
 * A page of a run as it lies in the file: all positions (f64), then all keys (u32), in the byte order
 * of this machine, which is little endian wherever Node runs.
 */
export function encodePage(run: PostingRun, from: number, to: number): Uint8Array {
  const count = to - from;
  const bytes = new Uint8Array(count * 12);
  new Float64Array(bytes.buffer, 0, count).set(run.positions.subarray(from, to));
  new Uint32Array(bytes.buffer, count * 8, count).set(run.keys.subarray(from, to));
  return bytes;
}

export function decodePage(bytes: Uint8Array): PostingRun {
  // The database hands out bytes at any alignment.
  const { buffer } = bytes.slice();
  const count = Math.floor(buffer.byteLength / 12);
  return {
    positions: new Float64Array(buffer, 0, count),
    keys: new Uint32Array(buffer, count * 8, count),
  };
}
