const encoder = new TextEncoder();
/** Bytes that are no UTF-8 become marks that no document has, so that they are found to be damaged. */
const decoder = new TextDecoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
