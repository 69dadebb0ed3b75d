import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineCommand } from '../arguments/command.ts';
import { numberFlagOr, speedFlag, switchFlag, textFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { createText } from '../terminal/files.ts';

/** For how long a request is tried again. */
const patienceSeconds = 90;

export const benchCommand = defineCommand({
  name: 'bench',
  summary: 'Sends a generated crowd to a server, and measures',
  flags: {
    teams: numberFlagOr('N', 'Teams in the crowd.', { least: 1, most: 1_000_000 }, 2_400),
    problems: numberFlagOr('N', 'Problems of the contest.', { least: 1, most: 256 }, 12),
    submissions: numberFlagOr('N', 'Commands in all.', { least: 1, most: 5_000_000 }, 35_000),
    seconds: numberFlagOr(
      'N',
      'How long the contest lasts; a rush comes in its last minute.',
      { least: 1, most: 604_800 },
      18_000,
    ),
    seed: numberFlagOr('N', 'The same seed gives the same crowd.', { least: 0, most: 2 ** 31 }, 1),
    outTrace: textFlag('FILE', 'Only writes the trace, as "hunt replay" reads it.'),
    speed: speedFlag('max|N', 'N: so many times the pace of the contest.'),
    clients: numberFlagOr('N', 'How many send at the same time.', { least: 1, most: 1_000 }, 64),
    target: textFlag('URL', 'A running server. Without it, it starts one of its own.'),
    json: switchFlag('One JSON object.'),
  },
  notes: [
    'Prints what "hunt replay" prints. A server of somebody else needs an organiser key in HUNT_ORGANISER_KEY; it keeps the hunt "crowd-SEED".',
  ],
  async run({ flags, terminal }) {
    const { crowdTrace } = await import('./crowd-trace.ts');
    const trace = crowdTrace(flags);
    if (flags.outTrace !== undefined) {
      createText(flags.outTrace, trace);
      if (flags.json) terminal.out(`${JSON.stringify({ trace: flags.outTrace })}\n`);
      return exitCode.ok;
    }
    const { huntFromTrace } = await import('@hunt/rules/definition');
    const { runReplay } = await import('../replay/replay-run.ts');
    const { speed, clients, target, json } = flags;
    const directory = mkdtempSync(path.join(tmpdir(), 'hunt-bench-'));
    try {
      const files = {
        hunt: path.join(directory, 'crowd.yaml'),
        trace: path.join(directory, 'crowd.csv'),
        data: path.join(directory, 'data'),
      };
      writeFileSync(files.trace, trace);
      writeFileSync(
        files.hunt,
        huntFromTrace(trace, { id: `crowd-${flags.seed}`, title: 'Crowd' }),
      );
      const unused = { killEvery: undefined, partitions: undefined, standings: undefined };
      const settings = { speed, clients, target, json, patience: patienceSeconds };
      return await runReplay({ ...files, ...unused, ...settings }, terminal);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
});
