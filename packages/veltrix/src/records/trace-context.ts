/*
 * Which trace a command belongs to, as W3C Trace Context has it. Part of docs/log-format.md: 32 bytes.
 *
 *    0 u32 index of the command in its record, or 0 within an event
 *    4 u8  trace flags; bit 0: sampled          5 3 bytes reserved, 0
 *    8 16 bytes trace id                       24 8 bytes span id
 */
export const traceContextBytes = 32;
const [flagsAt, traceIdAt, spanIdAt] = [4, 8, 24];

export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** Of the span that what happens next is a part of: 16 lower-case hexadecimal digits, not all zero. */
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly flags: number;
}

export function writeTraceContext(
  view: DataView,
  start: number,
  index: number,
  { traceId, spanId, flags }: TraceContext,
): void {
  view.setUint32(start, index, true);
  view.setUint8(start + flagsAt, flags);
  writeHex(view, start + traceIdAt, traceId);
  writeHex(view, start + spanIdAt, spanId);
}

export function readTraceContext(view: DataView, start: number): TraceContext {
  return {
    traceId: readHex(view, start + traceIdAt, 16),
    spanId: readHex(view, start + spanIdAt, 8),
    flags: view.getUint8(start + flagsAt),
  };
}

/** Of the command that a context in a command record belongs to. */
export function tracedIndex(view: DataView, start: number): number {
  return view.getUint32(start, true);
}

/**
 * The id of the span in which a command was decided, from the context it came with and its place in
 * the log: whoever reads the decision finds the same one, however often and wherever it was decided.
 */
export function decidedSpanId(
  { spanId }: TraceContext,
  partition: number,
  commandOffset: number,
  index: number,
): string {
  const words = [
    Number.parseInt(spanId.slice(0, 8), 16),
    Number.parseInt(spanId.slice(8), 16),
    partition,
    commandOffset >>> 0,
    Math.floor(commandOffset / 2 ** 32),
    index,
  ];
  const high = mixed(words, 0x9e37_79b9);
  const low = mixed(words, 0x85eb_ca6b);
  return `${hexWord(high)}${hexWord((high | low) === 0 ? 1 : low)}`;
}

/** MurmurHash3's mixing of 32-bit words (Appleby), x86 variant, with a seed. */
function mixed(words: readonly number[], seed: number): number {
  let hash = seed;
  for (const word of words) {
    let k = Math.imul(word, 0xcc9e_2d51);
    k = (k << 15) | (k >>> 17);
    hash ^= Math.imul(k, 0x1b87_3593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe654_6b64) | 0;
  }
  hash ^= words.length * 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

function writeHex(view: DataView, start: number, hex: string): void {
  for (let at = 0; at < hex.length; at += 2) {
    view.setUint8(start + at / 2, Number.parseInt(hex.slice(at, at + 2), 16));
  }
}

function readHex(view: DataView, start: number, bytes: number): string {
  let hex = '';
  for (let at = start; at < start + bytes; at++) {
    hex += view.getUint8(at).toString(16).padStart(2, '0');
  }
  return hex;
}
