import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineCommand } from '../arguments/command.ts';
import {
  numberFlag,
  numberFlagOr,
  requiredTextFlag,
  speedFlag,
  switchFlag,
  textFlag,
} from '../arguments/flag.ts';
import { cliErrors } from '../errors.ts';

export const replayCommand = defineCommand({
  name: 'replay',
  summary: 'Drives the public API with a recorded contest and checks that nothing is lost',
  flags: {
    hunt: requiredTextFlag('FILE', 'The hunt; "hunt new --from-trace" writes one for a trace.'),
    trace: requiredTextFlag('FILE', 'CSV with seconds,team,problem,verdict.'),
    speed: speedFlag('max|N', 'N: so many times the recorded pace.'),
    clients: numberFlagOr(
      'N',
      "How many send at the same time. A team's commands stay with one.",
      { least: 1, most: 1_000 },
      16,
    ),
    patience: numberFlagOr(
      'SECONDS',
      'For how long a request is tried again while the server is away or too busy.',
      { least: 0, most: 86_400 },
      90,
    ),
    killEvery: numberFlag(
      'SECONDS',
      'Kills its own server with SIGKILL again and again, and starts it again.',
      { least: 0.1, most: 3_600, fractions: true },
    ),
    target: textFlag('URL', 'A running server. Without it, it starts one of its own.'),
    data: textFlag('DIR', 'Data directory of its own server. Default: one that is removed again.'),
    partitions: numberFlag('N', 'Partitions of a new data directory.', { least: 1, most: 64 }),
    standings: textFlag('FILE', 'Writes rank,team,points,penaltySeconds.'),
    json: switchFlag('One JSON object.'),
  },
  notes: [
    'A server of somebody else needs an organiser key in HUNT_ORGANISER_KEY.',
    'accepted: had an effect, a right or a wrong answer; rejected: refused by a rule; repeated: answered again after a retry; lost: acknowledged, and not found again afterwards. p50Ms and p99Ms count from the first attempt at a batch to its answer.',
    'Exits with 1 when anything is lost.',
  ],
  async run({ flags, terminal }) {
    refuseTogether(flags);
    const { runReplay } = await import('./replay-run.ts');
    const data = flags.data ?? mkdtempSync(path.join(tmpdir(), 'hunt-replay-'));
    try {
      return await runReplay({ ...flags, data }, terminal);
    } finally {
      if (flags.data === undefined) rmSync(data, { recursive: true, force: true });
    }
  },
});

function refuseTogether(flags: {
  readonly target: string | undefined;
  readonly data: string | undefined;
  readonly killEvery: number | undefined;
  readonly partitions: number | undefined;
}): void {
  if (flags.target === undefined) return;
  const others = { '--data': flags.data, '--kill-every': flags.killEvery };
  for (const [other, value] of Object.entries({ ...others, '--partitions': flags.partitions })) {
    if (value === undefined) continue;
    throw cliErrors.create('cli-flags-conflict', { flag: '--target', other });
  }
}
