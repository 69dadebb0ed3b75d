import type { PropertyTable } from 'veltrix/config';

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Settings of the log lines of a process: `logging.<key>` in files and flags. */
export const logSettings = {
  'logging.level': {
    ...{ type: 'choice', default: 'auto', choices: ['auto', ...logLevels], dynamic: true },
    text: 'Least level of log lines; auto is what `hunt serve --log` says.',
    why: 'Set it to debug, for one node as a rule, to see each request that is refused and why.',
  },
} as const satisfies PropertyTable;

/** Values of the scope `logging`. */
export interface LogConfig {
  readonly level: 'auto' | LogLevel;
}
