import { engineErrors } from '../errors.ts';
import { type PlainPartition, streams } from './plain-partition.ts';

/** Throws `engine-migrate-different` unless both hold the same bytes at the same offsets. */
export async function comparePartition(
  partition: number,
  source: PlainPartition,
  target: PlainPartition,
  onCompared: (records: number) => void,
): Promise<void> {
  for (const stream of streams) {
    const different = (reason: string) =>
      engineErrors.create('engine-migrate-different', { partition, what: stream, reason });
    const [is, has] = [target.ends[stream], source.ends[stream]];
    if (is !== has) throw different(`the copy ends at ${is}, the source at ${has}`);
    const copies = flat(target.read(stream, 1));
    let offset = 1;
    for await (const records of source.read(stream, 1)) {
      for (const record of records) {
        const copy = await copies.next();
        if (copy.done || Buffer.compare(copy.value, record) !== 0) {
          throw different(`record ${offset} is another one`);
        }
        offset += 1;
      }
      onCompared(records.length);
    }
  }
}

async function* flat(chunks: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<Uint8Array> {
  for await (const records of chunks) yield* records;
}
