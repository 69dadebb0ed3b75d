import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { exitCode } from '../exit-code.ts';
import { askCluster, clusterFlag } from './asked-cluster.ts';
import { table } from './table.ts';

export const scaleCommand = defineCommand({
  name: 'cluster scale',
  summary: 'Says how many nodes each role needs by what the leader measures',
  flags: {
    cluster: clusterFlag,
    json: switchFlag('One JSON object: {roles: {ROLE: {nodes, load, wanted}}}.'),
  },
  notes: [
    'For a person or for an autoscaler: wanted rises within a minute when nodes are busy for more than three quarters, and falls after five minutes in which fewer would have been at most half busy. A leader that is new looks for half a minute before it says anything; then roles is empty.',
  ],
  async run({ flags, terminal }) {
    const advice = await askCluster({ file: flags.cluster, writes: false }, (control) =>
      control.scale(),
    );
    if (flags.json) {
      const roles = Object.fromEntries(advice.map(({ role, ...rest }) => [role, rest]));
      terminal.out(`${JSON.stringify({ roles })}\n`);
    } else if (advice.length === 0) {
      const text = 'The leader has not looked for long enough: ask again in half a minute.';
      terminal.out(`${wrap(text, terminal.columns)}\n`);
    } else {
      const rows = advice.map(({ role, nodes, load, wanted }) => [
        role,
        String(nodes),
        `${Math.round(load * 100)}%`,
        String(wanted),
      ]);
      const titles = [
        { title: 'role' },
        { title: 'nodes', isNumber: true },
        { title: 'load', isNumber: true },
        { title: 'wanted', isNumber: true },
      ] as const;
      terminal.out(table(titles, rows, terminal.columns));
    }
    return exitCode.ok;
  },
});
