import { setTimeout as pause } from 'node:timers/promises';
import { defineCommand } from '../arguments/command.ts';
import { numberFlagOr, switchFlag } from '../arguments/flag.ts';
import {
  type AskedProcesses,
  askedProcesses,
  nothingMeasured,
  processFlags,
} from '../doctor/asked-processes.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { longWork } from '../terminal/long-work.ts';
import { Screen } from './screen.ts';
import { topNumbers } from './top-numbers.ts';
import { topView } from './top-view.ts';

/** Nodes come and go; asking who is there opens a session of ZooKeeper. */
const membersForMs = 30_000;

export const topCommand = defineCommand({
  name: 'top',
  summary: 'Shows nodes, partitions, queues and latencies of a running deployment',
  flags: {
    ...processFlags,
    every: numberFlagOr('SECONDS', 'How long each look is.', { least: 1, most: 60 }, 2),
    once: switchFlag('One look, printed, as where the output is no terminal.'),
    json: switchFlag('One look as one JSON object, with everything.'),
  },
  notes: [
    'q or Ctrl-C ends it. Late: how late the loop of a thread turns, p99. Busy: the share of the time in which the busiest thread works. Fold: the share of a thread that deciding takes. Without: what the node goes on without.',
  ],
  async run({ flags, terminal }) {
    const { target, cluster, every, once, json } = flags;
    const ask = () => askedProcesses({ command: 'top', target, cluster });
    const asked = await ask();
    return longWork(terminal, json, async ({ signal }) => {
      const canDraw = terminal.outIsTerminal && terminal.env['TERM'] !== 'dumb';
      if (!once && !json && canDraw) return await live(asked, ask, every, signal);
      const { watchProcesses } = await import('@hunt/engine/diagnosis');
      const { processes } = asked;
      const watched = await watchProcesses({ processes, seconds: every, looks: 2, signal });
      const unread = [...asked.gone, ...watched.unread];
      if (watched.processes.length === 0) throw nothingMeasured(unread);
      const numbers = topNumbers(watched.processes, unread);
      const { columns } = terminal;
      terminal.out(`${json ? JSON.stringify(numbers) : topView(numbers, { columns })}\n`);
      return exitCode.ok;
    });
  },
});

async function live(
  asked: AskedProcesses,
  ask: () => Promise<AskedProcesses>,
  every: number,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const { ProcessWatch } = await import('./process-watch.ts');
  const quit = new AbortController();
  const signal = AbortSignal.any([quit.signal, interrupted]);
  const screen = new Screen(process.stdin, process.stdout, () => quit.abort());
  const watch = new ProcessWatch();
  let known = asked;
  let knownAt = performance.now();
  try {
    screen.draw('Looking…');
    await watch.round(known.processes, signal);
    while (!signal.aborted) {
      await pause(every * 1_000, undefined, { signal });
      if (performance.now() - knownAt > membersForMs) {
        // Who was there is shown until ZooKeeper tells again.
        known = await ask().catch(() => known);
        knownAt = performance.now();
      }
      const { processes, unread } = await watch.round(known.processes, signal);
      if (signal.aborted) break;
      const numbers = topNumbers(processes, [...known.gone, ...unread]);
      screen.draw(topView(numbers, screen.size));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.close();
  }
  return quit.signal.aborted ? exitCode.ok : exitCode.interrupted;
}
