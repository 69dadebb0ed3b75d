import { type Rule, ruleGroups } from '@hunt/engine/preflight';
import type { Generator } from './generator.ts';

const count = ruleGroups.reduce((sum, { rules }) => sum + rules.length, 0);

const introduction = `# Preflight

Settings, machine and servers may each be right by themselves and wrong together. \`hunt preflight\` holds them against each other by ${count} rules before it hurts, and so does every start.

\`\`\`sh
npx hunt preflight
\`\`\`

That looks at one process and this machine. For a node of a cluster it asks the servers of the cluster file, too, and changes nothing there:

\`\`\`text
npx hunt preflight --cluster cluster.yaml --config settings.yaml --json
\`\`\`

A finding names the rule, both values with where each comes from, and the change that mends it. What could not be asked is told with its reason, and so are the rules that wait for it. Exit codes: 0 all is well, 1 something keeps a process from starting, 69 nothing does, but something could not be asked, 4 there are warnings only.

A start judges the same rules: what **refuses** ends it with the rule's id, what **warns** is one line of the log. Rules with *at a start* are left to the part of the engine that finds it by itself and ends with that error. A start does not wait for servers that are away: what could not be asked is a line of the log.

Of Cassandra one server tells of itself and of the others, and those that do not answer are named (\`preflight-cassandra-silent\`): each has a quarter of the time to be connected, a second at a start, and all that is asked has what is left. What is archived, and of which log, a quorum has to say: where too many are silent, the rules about that are left out by name. Servers of Redis are asked one by one: what those that answer say is judged, and the others are named (\`preflight-redis-silent\`).

Retention is held against the archive by offsets (\`preflight-archive-gap\`), not by seconds. The log lets go of nothing that the archive lacks, however long that takes, and brokers that would are refused (\`preflight-topic-retention\`). For how many seconds \`log.retainBytes\` lasts, which matters to a gateway that stands still, depends on how much is decided in a second: a start, and a cluster before a hunt, cannot know.
`;

/** The page of all rules. */
export const preflightReference: Generator = {
  name: 'preflight rules',
  generate: async () => {
    const sections = ruleGroups.map(({ title, rules }) => {
      const rows = rules.map(rowOf);
      return [
        `## ${title}\n`,
        '| rule | what has to hold | weight | what mends it |',
        '|---|---|---|---|',
        ...rows,
      ].join('\n');
    });
    const origin = 'Generated from `packages/engine/src/preflight/rules` by `npm run docs`.';
    return new Map([
      ['docs/preflight.md', `${[introduction, ...sections].join('\n\n')}\n\n${origin}\n`],
    ]);
  },
};

function rowOf({ id, title, severity, remedy, atStart }: Rule): string {
  const start = atStart === undefined ? '' : `; at a start: ${asId(atStart)}`;
  const cells = [`[${id}](errors/${id}.md)`, title, `${severity}${start}`, remedy];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('*', '\\*')).join(' | ')} |`;
}

function asId(text: string): string {
  return /^[a-z]+(-[a-z]+)+$/.test(text) ? `[${text}](errors/${text}.md)` : text;
}
