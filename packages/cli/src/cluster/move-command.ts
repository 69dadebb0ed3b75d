import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { cliErrors } from '../errors.ts';
import { askCluster, clusterFlag, exitCodeOfWait, waitFlag, waiting } from './asked-cluster.ts';

export const moveCommand = defineCommand({
  name: 'cluster move',
  summary: 'Puts a partition on a node and keeps it there',
  args: {
    placeholder: 'PARTITION NODE',
    text: 'Number of the partition, and name of the node; with --cancel the number only.',
    least: 1,
    most: 2,
  },
  flags: {
    cluster: clusterFlag,
    cancel: switchFlag('Takes it back: the partition may be anywhere again.'),
    wait: waitFlag,
    json: switchFlag('One JSON object: {partition, node, done}.'),
  },
  notes: [
    'The leader moves it gracefully and then leaves it there whatever the load, until that is taken back. While the node is gone or drains, others have the partition.',
  ],
  async run({ flags, args, terminal }) {
    const { json, cancel, wait: seconds } = flags;
    const [text = '', node] = args;
    const partition = readPartition(text);
    if (!cancel && node === undefined) {
      throw cliErrors.create('cli-argument-missing', { command: 'cluster move', argument: 'NODE' });
    }
    if (cancel && node !== undefined) {
      throw cliErrors.create('cli-argument-unexpected', {
        ...{ command: 'cluster move --cancel', argument: node },
      });
    }
    const { done } = await askCluster({ file: flags.cluster, writes: true }, async (control) => {
      if (node !== undefined) {
        return waiting({ seconds, json }, terminal, (wait) => control.move(partition, node, wait));
      }
      await control.cancelMove(partition);
      return { done: true };
    });
    const asked = done ? `is on ${node}` : `is to go to ${node}`;
    if (json) terminal.out(`${JSON.stringify({ partition, node: node ?? null, done })}\n`);
    else terminal.out(`partition ${partition} ${cancel ? 'may be anywhere again' : asked}\n`);
    return exitCodeOfWait(done, seconds);
  },
});

function readPartition(found: string): number {
  if (/^\d{1,5}$/.test(found)) return Number(found);
  const expected = 'the number of a partition';
  throw cliErrors.create('cli-flag-value-invalid', { flag: 'PARTITION', expected, found });
}
