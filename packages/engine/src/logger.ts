import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Characters of lines that wait because they cannot be written. */
const waitingMaxLength = 1 << 16;

/** Structured logs, one JSON object a line on standard error. Never a name, a token or an answer. */
export function createLogger(level: LogLevel): Logger {
  const stream = destination({ fd: 2, sync: true, maxLength: waitingMaxLength });
  // A disk that is full takes no lines either: they wait, and the newest are lost, but nobody's game is.
  stream.on('error', () => {});
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), bindings: () => ({}) },
    },
    stream,
  );
}
