import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { askCluster, clusterFlag, exitCodeOfWait, waitFlag, waiting } from './asked-cluster.ts';

export const drainCommand = defineCommand({
  name: 'cluster drain',
  summary: 'Has a node give its partitions away, and waits until it owns none',
  args: { placeholder: 'NODE', text: 'Name of the node.', least: 1, most: 1 },
  flags: {
    cluster: clusterFlag,
    cancel: switchFlag('Takes it back: the node may have partitions again.'),
    wait: waitFlag,
    json: switchFlag('One JSON object: {node, draining, done}.'),
  },
  notes: [
    'It holds until it is taken back, also when the node is started anew. Afterwards the node can be stopped without anybody noticing; a node that is only to be restarted drains by itself when it gets SIGTERM.',
  ],
  async run({ flags, args, terminal }) {
    const { json, cancel, wait: seconds } = flags;
    const node = args[0]!;
    const { done } = await askCluster({ file: flags.cluster, writes: true }, async (control) => {
      if (!cancel) {
        return waiting({ seconds, json }, terminal, (wait) => control.drain(node, wait));
      }
      await control.cancelDrain(node);
      return { done: true };
    });
    const asked = done ? `${node} owns no partitions` : `${node} is to give its partitions away`;
    if (json) terminal.out(`${JSON.stringify({ node, draining: !cancel, done })}\n`);
    else terminal.out(`${cancel ? `${node} may have partitions again` : asked}\n`);
    return exitCodeOfWait(done, seconds);
  },
});
