import { settledStatus } from '../last-word.ts';
import type { Archive, ArchivedDecision } from './archive.ts';

export type ArchivedOutcome = Pick<ArchivedDecision, 'status' | 'code' | 'a' | 'b'>;

/**
 * What became of a command in the end: what was decided, or, where that was left to another partition,
 * its answer once it is archived. The answer is a later event of the same team on the same partition.
 */
export async function archivedOutcome(
  archive: Pick<Archive, 'decision' | 'events'>,
  commandId: string,
): Promise<ArchivedOutcome | undefined> {
  const decided = await archive.decision(commandId);
  if (decided?.waits === undefined) return decided;
  const { partition, offset, waits } = decided;
  const after = { partition, offset, index: -1 };
  const about = { ...waits, partition, settles: commandId };
  const [settled] = await archive.events({ ...about, after, limit: 1 });
  if (settled === undefined) return decided;
  const { detail: code, item: a, value: b } = settled;
  return { status: settledStatus(code), code, a, b };
}
