import { type Cause, causeGroups } from '@hunt/engine/diagnosis';
import type { Generator } from './generator.ts';

const introduction = `# What limits it now

\`hunt doctor\` looks at a running deployment for a few seconds and says in plain words what limits it now, by which numbers, and what helps. \`hunt top\` shows the numbers themselves.

\`\`\`sh run
npx hunt doctor --target http://127.0.0.1:8080 --seconds 2 || echo "something limits it: exit code $?"
npx hunt doctor --target http://127.0.0.1:8080 --seconds 2 --json > diagnosis.json || echo "exit code $?"
\`\`\`

\`--target\` is the address of a gateway, or of the \`address\` of a node of a cluster; give it once for each process. With \`--cluster FILE\` the nodes are those that ZooKeeper knows of, and all of them are looked at:

\`\`\`text
npx hunt doctor --cluster cluster.yaml
\`\`\`

Nothing is changed, and nothing is asked but \`GET /metrics\`. Look while there is load: what is idle has no bottleneck. Several looks are taken within \`--seconds\` (5 unless told), since threads tell their numbers once a second, and a full queue may be full for a moment only.

The first finding is what limits the deployment; others are listed below it, the worst for players first, and after them what only follows from another finding. Each names metrics of [metrics.md](metrics.md), settings with the value that the process has, where its metrics tell, and the page with what to look at. When nothing limits it, the headroom is told: how near the load is to the knee, the busiest thread, the fullest queue. What could not be read is named with its reason.

Whether partitions have no owner is known with a list of \`--target\`s, too: each node tells which nodes are to own partitions. Where one of those was not read, doctor names it, and says that it does not know of its partitions; partitions that are assigned to nobody it finds from any node. Name the missing node, or give \`--cluster\`. That a node was not named changes no exit code.

Exit codes: 0 nothing limits it, 1 something does, 4 something only threatens to, 69 nothing was found, but something could not be read.

## All numbers at once

\`\`\`sh run
npx hunt top --target http://127.0.0.1:8080 --once
npx hunt top --target http://127.0.0.1:8080 --once --json > numbers.json
\`\`\`

Without \`--once\` the view is drawn anew every two seconds (\`--every SECONDS\`) until \`q\` or Ctrl-C, which leave the terminal as it was. Nodes, partitions, queues and latencies fit into 80 columns; on a narrower terminal each row becomes a few lines. Where the terminal is not tall enough the busiest partitions and the fullest queues are shown. What is printed instead of drawn has all of them, and so has the JSON.
`;

const clocks = `## Clocks that are apart

Each process shows its clock (\`hunt_process_clock_seconds\`), which is held against the clock of the machine that asks, and against the others where there are several. Half the time of the answer is how far the reading may be wrong. Gateways stamp commands with their clock, and by that stamp hunts open and close: set it right by NTP, and start the node again where it was off by more than \`clockSkewMaxMs\`, which keeps a node from joining.
`;

/** The page of all causes. */
export const doctorReference: Generator = {
  name: 'doctor causes',
  generate: async () => {
    const sections = causeGroups.map(({ title, causes }) =>
      [
        `### ${title}\n`,
        '| cause | effect | what it looks like | what helps |',
        '|---|---|---|---|',
        ...causes.map(rowOf),
      ].join('\n'),
    );
    const causes = `## Causes

By effect on players, the worst first: **stops** (no outcomes), **misleads** (wrong ones), **refuses** (some are turned away), **slows**, **ages** (standings or history are old), **threatens** (not yet).`;
    const origin = 'Generated from `packages/engine/src/diagnosis` by `npm run docs`.';
    const parts = [introduction, causes, ...sections, clocks, origin];
    return new Map([['docs/doctor.md', `${parts.join('\n\n').replace(/\n{3,}/g, '\n\n')}\n`]]);
  },
};

function rowOf({ id, effect, looksLike, helps, page }: Cause): string {
  const file = page.replace('docs/', '');
  const link = file === 'doctor.md' ? '#clocks-that-are-apart' : file;
  const cells = [`[${id}](${link})`, effect, looksLike, helps];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('*', '\\*')).join(' | ')} |`;
}
