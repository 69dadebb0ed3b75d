import type { Statement } from './cassandra-session.ts';
import type { Entry, InflightGate } from './inflight-gate.ts';

/** Overhead of a statement, for the count of bytes on their way. */
export const statementBytes = 64;

/**
 * Sends the groups in turn, each as soon as the gate lets it in. Returns after the last answer; after a
 * failure no more are sent. Rejects with the first failure, also of the gate or of the groups themselves,
 * and not before what was sent is answered: nothing is on its way any more.
 */
export async function writeGroups(
  groups: Iterable<readonly Statement[]>,
  send: (group: readonly Statement[]) => Promise<void>,
  gate: InflightGate,
  entry: Entry,
): Promise<void> {
  const sending = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for (const group of groups) {
      const bytes = group.reduce((sum, one) => sum + one.bytes + statementBytes, 0);
      await gate.enter(bytes, entry);
      if (failure) {
        gate.leave(bytes);
        break;
      }
      const sent = send(group)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          gate.leave(bytes);
          sending.delete(sent);
        });
      sending.add(sent);
    }
  } finally {
    await Promise.all(sending);
  }
  if (failure) throw failure.error;
}
