import { type LiveCost, quartilesOf } from '@hunt/engine/sizing';
import type { NewServer } from './new-server.ts';
import { type UsedUp, useUp } from './request-cost.ts';

const listeners = 500;
const connections = 32;
const players = 200;
const rounds = 3;
/** Right ones change the standings; there are enough of them for all rounds. */
const mix = { 'answer-right': 1, 'answer-wrong': 4 };
const perSecond = 400;

/**
 * Sends the same load without listeners and with them: what it costs more, by the events that came, is what
 * an event costs.
 */
export async function measureLive({ probe, crowd }: NewServer, forMs: number): Promise<LiveCost> {
  let residentBytes = 0;
  const withListeners = async (live: number): Promise<UsedUp[]> => {
    residentBytes = probe.residentBytes();
    const session = await crowd({ players, connections, live });
    try {
      residentBytes = probe.residentBytes() - residentBytes;
      const used: UsedUp[] = [];
      for (let seed = 1; seed <= rounds; seed++) {
        used.push(await useUp(session, probe, { mix, perSecond, forMs, seed }));
      }
      return used;
    } finally {
      await session.close();
    }
  };
  const without = await withListeners(0);
  const listening = await withListeners(listeners);
  const part = (of: (used: UsedUp) => number) =>
    quartilesOf(
      listening.map((used, round) => {
        const more = Math.max(0, of(used) - of(without[round]!));
        return (more / Math.max(1, used.result.liveEvents)) * 1e6;
      }),
    );
  return {
    main: part(({ server }) => server.main),
    helpers: part(({ server }) => server.helpers),
    generator: part(({ generatorSeconds }) => generatorSeconds),
    connectionBytes: Math.max(0, residentBytes) / listeners,
  };
}
