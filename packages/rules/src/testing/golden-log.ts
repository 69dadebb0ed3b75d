/** A golden log: decision records, each after its length (u32, little endian). */
export function packRecords(records: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(records.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    packed.set(record, at + 4);
    at += 4 + record.length;
  }
  return packed;
}

export function unpackRecords(packed: Uint8Array): Uint8Array[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const records: Uint8Array[] = [];
  for (let at = 0; at < packed.length; ) {
    const size = view.getUint32(at, true);
    records.push(packed.slice(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return records;
}
