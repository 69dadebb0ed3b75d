import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Structured logs, one JSON object a line on standard error. Never a name, a token or an answer. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), bindings: () => ({}) },
    },
    destination({ fd: 2, sync: true }),
  );
}
