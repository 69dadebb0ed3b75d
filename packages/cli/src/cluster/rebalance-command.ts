import type { RebalancePlan } from 'veltrix/cluster';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { exitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { askCluster, clusterFlag, exitCodeOfWait, waitFlag, waiting } from './asked-cluster.ts';
import { table } from './table.ts';

type Change = RebalancePlan['changes'][number];

export const rebalanceCommand = defineCommand({
  name: 'cluster rebalance',
  summary: 'Has the leader share out the load now, or shows what it would move',
  flags: {
    cluster: clusterFlag,
    dryRun: switchFlag('Shows what would move and why; asks for nothing.'),
    wait: waitFlag,
    json: switchFlag('One JSON object: {changes, loads}, or {done}.'),
  },
  notes: [
    'The leader balances by itself, but only what is worth a move, and lets partitions rest in between. Asked to, it goes closer to even and does not wait; each partition moves at most once. Partitions that an operator moved stay where they are.',
  ],
  async run({ flags, terminal }) {
    const { json, dryRun, wait: seconds } = flags;
    const place = { file: flags.cluster, writes: !dryRun };
    if (dryRun) {
      const plan = await askCluster(place, (control) => control.planRebalance());
      if (json) terminal.out(`${JSON.stringify(plan)}\n`);
      else show(plan, terminal);
      return exitCode.ok;
    }
    const { done } = await askCluster(place, (control) =>
      waiting({ seconds, json }, terminal, (wait) => control.rebalance(wait)),
    );
    if (json) terminal.out(`${JSON.stringify({ done })}\n`);
    else terminal.out(done ? 'the load is shared out\n' : 'the load is to be shared out\n');
    return exitCodeOfWait(done, seconds);
  },
});

const reasons: Readonly<Record<Change['reason'], string>> = {
  first: 'it has no owner',
  failover: 'its owner is gone',
  stuck: 'it is stuck there',
  drain: 'the node drains',
  move: 'an operator wants it there',
  balance: 'the load is uneven',
};

function show({ changes, loads }: RebalancePlan, terminal: Terminal): void {
  const { columns } = terminal;
  if (changes.length === 0) {
    const text = 'Nothing would move: no move would bring the loads closer together.';
    terminal.out(`${wrap(text, columns)}\n\n`);
  } else {
    const rows = changes.map(({ partition, from, to, reason }) => [
      String(partition),
      from ?? '-',
      to,
      reasons[reason],
    ]);
    const titles = [
      { title: 'partition', isNumber: true },
      { title: 'from' },
      { title: 'to' },
      { title: 'why' },
    ] as const;
    terminal.out(`${table(titles, rows, columns)}\n`);
  }
  const rows = loads.map(({ nodeId, before, after }) => [
    nodeId,
    before.toFixed(1),
    after.toFixed(1),
  ]);
  const titles = [
    { title: 'node' },
    { title: 'load now', isNumber: true },
    { title: 'then', isNumber: true },
  ] as const;
  terminal.out(table(titles, rows, columns));
}
