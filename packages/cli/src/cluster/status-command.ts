import type { ClusterStatus } from '@hunt/engine/control';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { exitCode } from '../exit-code.ts';
import { painter, type Terminal } from '../terminal/terminal.ts';
import { askCluster, clusterFlag } from './asked-cluster.ts';
import { table } from './table.ts';

export const statusCommand = defineCommand({
  name: 'cluster status',
  summary: 'Shows the nodes and partitions of a cluster, and what operators asked for',
  flags: {
    cluster: clusterFlag,
    json: switchFlag('One JSON object, with everything that is known.'),
  },
  notes: [
    'A node is alive, draining, stuck (a partition of it makes no progress), not responsive (registered, but without heartbeats) or gone. Costs are milliseconds of folding per second; lag is in events.',
    'Exits with 1 when something in ZooKeeper cannot be read, and says what.',
  ],
  async run({ flags, terminal }) {
    const status = await askCluster({ file: flags.cluster, writes: false }, (control) =>
      control.status(),
    );
    if (flags.json) terminal.out(`${JSON.stringify(status)}\n`);
    else show(status, terminal);
    return status.problems.length === 0 ? exitCode.ok : exitCode.foundWrong;
  },
});

function show(status: ClusterStatus, terminal: Terminal): void {
  const { columns } = terminal;
  const paint = painter(terminal, 'out');
  const { place, level, leader } = status;
  const head = `${place}, level ${level}, led by ${leader ?? 'nobody'}`;
  terminal.out(`${wrap(head, columns)}\n\n`);
  terminal.out(nodeTable(status, columns));
  terminal.out(`\n${partitionTable(status, columns)}`);
  const wishes = wishesOf(status);
  if (wishes.length > 0) terminal.out(`\n${wrap(`Asked for: ${wishes.join('; ')}`, columns)}\n`);
  for (const problem of status.problems) {
    terminal.out(`${paint('red', 'problem')} ${wrap(problem, columns, '  ', '')}\n`);
  }
}

function nodeTable({ nodes }: ClusterStatus, columns: number): string {
  const rows = nodes.map((node) => [
    node.node,
    node.health,
    String(node.owns),
    String(node.standsBy),
    node.cpu === null ? '-' : `${Math.round(node.cpu * 100)}%`,
    node.eventLoopDelayMs === null ? '-' : String(Math.round(node.eventLoopDelayMs)),
    node.release === '' ? '-' : node.release,
    node.zone === '' ? '-' : node.zone,
    node.roles.length === 0 ? '-' : node.roles.join(' '),
  ]);
  const titles = [
    { title: 'node' },
    { title: 'health' },
    { title: 'owns', isNumber: true },
    { title: 'stands by', isNumber: true },
    { title: 'cpu', isNumber: true },
    { title: 'delay ms', isNumber: true },
    { title: 'release' },
    { title: 'zone' },
    { title: 'roles' },
  ] as const;
  return table(titles, rows, columns);
}

function partitionTable({ partitions }: ClusterStatus, columns: number): string {
  const rows = partitions.map((row) => [
    String(row.partition),
    row.owner ?? '-',
    String(row.epoch),
    row.standby ?? '-',
    row.next ?? '-',
    row.cost === null ? '-' : row.cost.toFixed(1),
    row.waiting === null ? '-' : String(row.waiting),
    row.lag === null ? '-' : String(row.lag),
  ]);
  const titles = [
    { title: 'partition', isNumber: true },
    { title: 'owner' },
    { title: 'epoch', isNumber: true },
    { title: 'standby' },
    { title: 'next' },
    { title: 'cost', isNumber: true },
    { title: 'waiting', isNumber: true },
    { title: 'lag', isNumber: true },
  ] as const;
  return table(titles, rows, columns);
}

function wishesOf({ requests, nodes, partitions }: ClusterStatus): string[] {
  const drains = requests.drain.map((name) => {
    const owns = nodes.find(({ node }) => node === name)?.owns ?? 0;
    return `${name} drains${owns === 0 ? '' : ` (owns ${owns})`}`;
  });
  const pins = requests.pins.map(({ partition, node }) => {
    const isThere = partitions[partition]?.owner === node;
    return `partition ${partition} on ${node}${isThere ? '' : ' (not yet)'}`;
  });
  return [...drains, ...pins, ...(requests.rebalance ? ['rebalance'] : [])];
}
