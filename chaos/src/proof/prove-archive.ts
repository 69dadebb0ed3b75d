import type { openCassandraArchive } from '@hunt/engine/cluster';
import type { Ledger } from '../crowd/ledger.ts';
import type { DecidedLog } from './decided-log.ts';
import type { Findings } from './findings.ts';

type Archive = Awaited<ReturnType<typeof openCassandraArchive>>;

const pageEvents = 5_000;
const askedAtOnce = 32;

/** Every acknowledged command is found in the archive as it was decided; returns how many. */
export async function proveArchivedDecisions(
  archive: Archive,
  ledger: Ledger,
  log: DecidedLog,
  findings: Findings,
): Promise<number> {
  const ids = [...ledger.entries.keys()];
  const ask = async () => {
    for (let commandId = ids.pop(); commandId !== undefined; commandId = ids.pop()) {
      const found = await archive.decision(commandId);
      const wanted = log.decisions.get(commandId);
      const same =
        found !== undefined &&
        wanted !== undefined &&
        found.partition === wanted.partition &&
        found.offset === wanted.offset &&
        found.index === wanted.index &&
        found.status === wanted.status &&
        found.code === wanted.code &&
        found.a === wanted.a &&
        found.b === wanted.b;
      if (same) continue;
      const how = found === undefined ? 'is not in the archive' : 'is another one in the archive';
      findings.add('lost', `command ${commandId} ${how}`);
    }
  };
  const count = ids.length;
  await Promise.all(Array.from({ length: askedAtOnce }, ask));
  return count;
}

/** The archive has each event of the hunt once; returns how many. */
export async function proveArchivedEvents(
  archive: Archive,
  huntId: string,
  log: DecidedLog,
  findings: Findings,
): Promise<number> {
  const wanted = new Map<string, number>();
  for (const { hunt, partition, offset, index, type } of log.events) {
    if (hunt === huntId) wanted.set(`${partition}/${offset}/${index}`, type);
  }
  const count = wanted.size;
  let after: { partition: number; offset: number; index: number } | undefined;
  for (;;) {
    const page = await archive.events({ huntId, limit: pageEvents, ...(after && { after }) });
    if (page.length === 0) break;
    for (const { partition, offset, index, type } of page) {
      const place = `${partition}/${offset}/${index}`;
      if (wanted.get(place) !== type) {
        findings.add(
          'repeated',
          `the archive has an event at ${place} that the log has not, or twice`,
        );
      }
      wanted.delete(place);
    }
    after = page.at(-1)!;
  }
  if (wanted.size > 0) {
    const [place] = wanted.keys();
    findings.add(
      'lost',
      `${wanted.size} events are not in the archive, first ${place}`,
      wanted.size,
    );
  }
  return count;
}
