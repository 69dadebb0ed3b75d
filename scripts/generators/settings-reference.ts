import { engineSchema, settingsSchema } from '@hunt/engine';
import { clusterFileSchema, clusterSchema } from '@hunt/engine/cluster-settings';
import { configReference } from 'veltrix/config';
import type { Generator } from './generator.ts';

const introduction = `# Configuration

Every setting of the engine has a default that suits one machine. This page says how to change them, and what each is for; [the cluster file](#the-cluster-file) tells a node where its servers are.

## How to set one

\`\`\`sh
npx hunt serve --config settings.yaml --set gateway.waitMaxMs=2s
\`\`\`

The file has the scope, and the settings of the scope below it:

\`\`\`yaml
gateway:
  waitMaxMs: 10s
  liveIntervalMs: 500ms
log:
  retainBytes: 20GiB
overrides:
  roles:
    archiver: { log: { retainIntervalMs: 5m } }
  nodes:
    two: { gateway: { connectionsMax: 20000 } }
  hunts:
    city-lights: { gateway: { playerBurst: 60 } }
\`\`\`

A number without a unit is in the one that its name ends with. Sizes may have B, KiB, MiB, GiB, TiB, kB, MB, GB or TB; durations ms, s, m, h or d. Underscores between digits mean nothing. A first line \`# yaml-language-server: $schema=packages/engine/schema/settings.schema.json\` has editors check the file; \`npx hunt config reference --schema\` prints the schema.

Sources override each other in this order:

1. the default,
2. the file of \`--config\`,
3. what the cluster keeps in ZooKeeper, see below,
4. a variable of the environment, as \`HUNT_GATEWAY_WAIT_MAX_MS\`,
5. \`--set NAME=VALUE\`.

Within a source, what is for a hunt comes before what is for a node, for a role, and for all. A value for a role counts in every process that has the role. What may differ by hunt says so below. Names that do not exist, values out of range, units that do not fit and values that contradict each other keep a process from starting: the error names the place, the nearest name and the range, for all mistakes at once.

## Looking at settings

\`\`\`sh
npx hunt config check settings.yaml
npx hunt config explain gateway.waitMaxMs --config settings.yaml
npx hunt config effective --config settings.yaml --changed
npx hunt config diff default settings.yaml
npx hunt config reference
\`\`\`

## Changing a running cluster

A cluster keeps settings in ZooKeeper, as one document with a version:

\`\`\`sh
npx hunt config set gateway.liveIntervalMs=1s gateway.playerBurst=60 --cluster cluster.yaml --why "finale tonight"
npx hunt config set gateway.waitMaxMs=2s --node two --cluster cluster.yaml --why "slow disk"
npx hunt config get --cluster cluster.yaml
npx hunt config history --cluster cluster.yaml
npx hunt config rollback 1 --cluster cluster.yaml --why "as before the finale"
npx hunt config effective --changed --node two --cluster cluster.yaml
\`\`\`

A change is checked as a whole before it is written; what is wrong is refused and changes nothing. Every node checks it again together with its own file, variables and flags, and takes all of it in one moment, or says \`settings of the cluster not taken\` in its log and goes on as before. Settings below that count at once need no restart; the log of a node says what changed, in the same fields as below, and lists the others under \`waiting\`. What could not be taken is tried again when the node has read its own file again. \`hunt_config_version\` at /metrics is the version that a node has. While ZooKeeper is away the values stay as they are, also when a node is started anew: it keeps what it took last in \`settings.NODE.json\` beside its secret.

## Changing a running process

A process reads the file of \`--config\` again when it gets SIGHUP (\`systemctl reload hunt\`, \`docker kill --signal HUP hunt\`), a node of a cluster as one without. Without a cluster it also does so by itself, a second or two after the file has changed.

The order above stays: what a variable or a flag says stays, and what is no longer in the file has again what is below it. Settings that count at once are taken, all of them in one moment. The log says \`settings of the file taken\`, with their names under \`changed\`, and name, old and new value and place of each under \`settings\`; secrets are references, and so are never in it. Those that need a restart are named once, in a line \`changed settings wait until the process is started anew\`, and stay as they were; so does what may not be beside one of them.

A file that cannot be read, or is wrong anywhere, changes nothing: the log says \`settings of the file not taken\`, with the id of the error and the place of the mistake, and \`hunt_config_file_taken_state\` at /metrics is 0 until the file is right again. \`npx hunt config check settings.yaml\` says so before. Without a file SIGHUP reads nothing, and the log says that. So it does where \`--config\` names no regular file, as a pipe (\`<(...)\`, \`/dev/stdin\`): what was read from it is not there a second time.

A file may be wrong by being cut: a disk is full, or its writer empties it first and then fills it. One that had something in it and is empty now, but for white space, is refused (\`veltrix-config-cut\`), and so is one whose last line has no end where it had one before: \`waitMaxMs: 1\` may be what is left of \`10s\`. Compared is with the file that counts, not with one that was refused. Whoever wants no settings writes \`{}\` or a comment, with an end of the line. What was cut where a line ends cannot be told from a shorter file.

The file is looked at every second, and a change counts once two looks have found it the same: so that who writes it has a second for it, and an exchanged link is not missed, as Kubernetes mounts a ConfigMap, of which notices of the system would say nothing. Put a new file in its place by renaming it: SIGHUP has it read at once, finished or not. Nodes of a cluster do not look: their files are replaced together with their release, a few nodes at a time, and what should change at once in all of them has a place of its own, above. The cluster file is read at the start only. Once a server listens to it, which is some tenths of a second after its process has begun, SIGHUP ends it only where the terminal that it writes to is gone, as when its window is closed; under nohup it never does.

[cli.md](cli.md) has the flags of each command; all take \`--json\`. Exit code 1 of \`check\` means that something is wrong.
`;

const clusterIntroduction = `# The cluster file

What follows is said by the file of \`--cluster\` ([cluster.md](cluster.md)), and by variables, which come before it: a cluster's nodes do not find ZooKeeper by what ZooKeeper keeps. A variable whose name the file gives in \`env:NAME\` or \`\${NAME}\` is no setting. \`overrides\` may say it for a node or a role alone. [security.md](security.md) is about passwords and encryption.

\`\`\`sh
npx hunt config check --cluster cluster.yaml
npx hunt config explain kafka.tls.enabled --cluster cluster.yaml
npx hunt config reference --cluster-file
\`\`\`

Editors check it by \`packages/engine/schema/cluster.schema.json\`.
`;

/** The page of settings, and the JSON Schemas of the files that have them. */
export const settingsReference: Generator = {
  name: 'settings',
  generate: async () =>
    new Map([
      [
        'docs/configuration.md',
        `${introduction}\n${configReference(engineSchema)}\n\n${clusterIntroduction}\n${configReference(clusterSchema)}\n\nGenerated from the declarations in \`packages/engine/src\` by \`npm run docs\`.\n`,
      ],
      [
        'packages/engine/schema/settings.schema.json',
        `${JSON.stringify(settingsSchema(), null, 2)}\n`,
      ],
      [
        'packages/engine/schema/cluster.schema.json',
        `${JSON.stringify(clusterFileSchema(), null, 2)}\n`,
      ],
    ]),
};
