import type { Command, FlagTable } from './arguments/command.ts';

interface CommandEntry {
  readonly summary: string;
  /** A command's code is loaded when it is run: the start of one must not wait for all. */
  load(): Promise<Command<FlagTable>>;
}

/** By name, in the order of help. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  new: {
    summary: 'Write a new hunt file',
    load: async () => (await import('./new/new-command.ts')).newCommand,
  },
  check: {
    summary: 'Check hunt files',
    load: async () => (await import('./check/check-command.ts')).checkCommand,
  },
  serve: {
    summary: 'Run the engine',
    load: async () => (await import('./serve/serve-command.ts')).serveCommand,
  },
  codes: {
    summary: "List the codes for a hunt's posters, or make the posters",
    load: async () => (await import('./codes/codes-command.ts')).codesCommand,
  },
  replay: {
    summary: 'Drive a server with a recorded contest',
    load: async () => (await import('./replay/replay-command.ts')).replayCommand,
  },
  verify: {
    summary: 'Fold the whole log again and prove the invariants',
    load: async () => (await import('./verify/verify-command.ts')).verifyCommand,
  },
  backup: {
    summary: 'Copy what a data directory holds, while an engine runs on it or not',
    load: async () => (await import('./backup/backup-command.ts')).backupCommand,
  },
  restore: {
    summary: 'Make a data directory from a backup',
    load: async () => (await import('./backup/restore-command.ts')).restoreCommand,
  },
  migrate: {
    summary: 'Move a data directory onto a cluster, or back',
    load: async () => (await import('./migrate/migrate-command.ts')).migrateCommand,
  },
  standings: {
    summary: "Show or save a hunt's standings",
    load: async () => (await import('./standings/standings-command.ts')).standingsCommand,
  },
  export: {
    summary: "Write a hunt's events as CSV or JSON lines",
    load: async () => (await import('./export/export-command.ts')).exportCommand,
  },
  bench: {
    summary: 'Send a generated crowd to a server',
    load: async () => (await import('./bench/bench-command.ts')).benchCommand,
  },
  preflight: {
    summary: 'Find settings and servers that do not fit together',
    load: async () => (await import('./preflight/preflight-command.ts')).preflightCommand,
  },
  doctor: {
    summary: 'Say what limits a running deployment now',
    load: async () => (await import('./doctor/doctor-command.ts')).doctorCommand,
  },
  top: {
    summary: 'Show the numbers of a running deployment',
    load: async () => (await import('./top/top-command.ts')).topCommand,
  },
  'config check': {
    summary: 'Check files of settings',
    load: async () => (await import('./config/check-command.ts')).configCheckCommand,
  },
  'config explain': {
    summary: 'Say what a setting is and where its value comes from',
    load: async () => (await import('./config/explain-command.ts')).configExplainCommand,
  },
  'config effective': {
    summary: 'Show the value of every setting',
    load: async () => (await import('./config/effective-command.ts')).configEffectiveCommand,
  },
  'config diff': {
    summary: 'Show what differs between two files of settings',
    load: async () => (await import('./config/diff-command.ts')).configDiffCommand,
  },
  'config reference': {
    summary: 'List every setting',
    load: async () => (await import('./config/reference-command.ts')).configReferenceCommand,
  },
  'config get': {
    summary: 'Show the settings that a cluster keeps',
    load: async () => (await import('./config/get-command.ts')).configGetCommand,
  },
  'config set': {
    summary: 'Change settings of a running cluster',
    load: async () => (await import('./config/set-command.ts')).configSetCommand,
  },
  'config history': {
    summary: 'Show who changed which settings of a cluster, and why',
    load: async () => (await import('./config/history-command.ts')).configHistoryCommand,
  },
  'config rollback': {
    summary: 'Take an earlier version of the settings of a cluster',
    load: async () => (await import('./config/rollback-command.ts')).configRollbackCommand,
  },
  load: {
    summary: 'Load a server by a scenario, and judge it',
    load: async () => (await import('./load/load-command.ts')).loadCommand,
  },
  calibrate: {
    summary: 'Measure what requests cost on this machine',
    load: async () => (await import('./calibrate/calibrate-command.ts')).calibrateCommand,
  },
  size: {
    summary: 'Say what a crowd needs: nodes, memory, servers, settings',
    load: async () => (await import('./size/size-command.ts')).sizeCommand,
  },
  tune: {
    summary: 'Find the settings that matter on this machine',
    load: async () => (await import('./tune/tune-command.ts')).tuneCommand,
  },
  'cluster status': {
    summary: 'Show the nodes and partitions of a cluster',
    load: async () => (await import('./cluster/status-command.ts')).statusCommand,
  },
  'cluster drain': {
    summary: 'Have a node give its partitions away',
    load: async () => (await import('./cluster/drain-command.ts')).drainCommand,
  },
  'cluster move': {
    summary: 'Put a partition on a node',
    load: async () => (await import('./cluster/move-command.ts')).moveCommand,
  },
  'cluster rebalance': {
    summary: 'Share out the load now',
    load: async () => (await import('./cluster/rebalance-command.ts')).rebalanceCommand,
  },
  'cluster scale': {
    summary: 'Say how many nodes each role needs',
    load: async () => (await import('./cluster/scale-command.ts')).scaleCommand,
  },
};

/** The name of the command that a line begins with, of one word or two; undefined when there is none. */
export function commandName([first, second]: readonly string[]): string | undefined {
  return [`${first} ${second}`, `${first}`].find((name) => Object.hasOwn(commands, name));
}

/** Whether a word begins the names of several commands. */
export function isGroup(word: string): boolean {
  return Object.keys(commands).some((name) => name.startsWith(`${word} `));
}
