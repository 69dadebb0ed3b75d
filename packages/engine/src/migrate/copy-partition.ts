import type { Stream } from 'veltrix';
import { type PlainPartition, streams } from './plain-partition.ts';
import { type RecordTarget, targetDisturbed } from './record-target.ts';

export type RecordCounts = Readonly<Record<Stream, number>>;

/**
 * Copies what the target lacks of a partition: record by record, each where the source has it, so that
 * a copy that was interrupted anywhere goes on after the last record that is there. Returns how many were
 * there. Throws `engine-migrate-target-disturbed` and what the logs throw.
 */
export async function copyPartition(
  source: PlainPartition,
  target: RecordTarget,
  onCopied: (records: number) => void,
): Promise<RecordCounts> {
  const present = { commands: 0, events: 0 };
  for (const stream of streams) {
    let next = await target.end(stream);
    if (next > source.ends[stream]) {
      const reason = `it ends at ${next}, the source at ${source.ends[stream]}`;
      throw targetDisturbed(target.partition, stream, reason);
    }
    present[stream] = next - 1;
    onCopied(next - 1);
    for await (const records of source.read(stream, next)) {
      await target.append(stream, next, records);
      next += records.length;
      onCopied(records.length);
    }
  }
  return present;
}
