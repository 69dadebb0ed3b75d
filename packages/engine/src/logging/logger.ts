import { destination, type Logger, pino } from 'pino';
import { type Clock, systemClock } from 'veltrix';
import type { Live } from 'veltrix/config';
import { ecsFields, ecsVersion } from './ecs-fields.ts';
import type { LogConfig, LogLevel } from './log-settings.ts';
import { RepeatedLines } from './repeated-lines.ts';
import { scrubbedLine } from './scrubbed-line.ts';

/** Characters of lines that wait because they cannot be written. */
const waitingMaxLength = 1 << 16;

export interface LogOptions {
  /** While `logging.level` is auto. */
  readonly level: LogLevel;
  readonly config?: Live<LogConfig>;
  /** Name of the node, where there are several. */
  readonly node?: string;
  /** Of the program. */
  readonly release?: string;
  readonly clock?: Clock;
  /** Where lines go instead of standard error. */
  readonly write?: (line: string) => void;
}

/** The log lines of a process. */
export interface Logging {
  readonly logger: Logger;
  /** Between debug and what it is otherwise, until the setting changes; returns what it is now. */
  toggleDebug(): LogLevel;
  /** Tells of lines that were held back as repeated. */
  close(): void;
}

/**
 * Structured logs, one JSON object a line on standard error, with the names of the Elastic Common
 * Schema. Never a name, a token, an address of a player or an answer.
 */
export function openLogging(options: LogOptions): Logging {
  const { config, clock = systemClock } = options;
  const repeated = new RepeatedLines({ write: options.write ?? standardError(), clock });
  const wanted = () => {
    const level = config?.current.level ?? 'auto';
    return level === 'auto' ? options.level : level;
  };
  const logger = pino(
    {
      level: wanted(),
      messageKey: 'message',
      base: {
        'ecs.version': ecsVersion,
        'event.dataset': 'hunt.log',
        'service.name': 'hunt',
        ...(options.release !== undefined && { 'service.version': options.release }),
        ...(options.node !== undefined && { 'service.node.name': options.node }),
      },
      timestamp: () => `,"@timestamp":"${new Date(clock.now()).toISOString()}"`,
      formatters: {
        level: (label) => ({ 'log.level': label }),
        log: ecsFields,
      },
    },
    { write: (line) => repeated.add(scrubbedLine(line)) },
  );
  const unfollow = config?.onChange(() => {
    logger.level = wanted();
  });
  return {
    logger,
    toggleDebug() {
      logger.level = logger.level === 'debug' ? wanted() : 'debug';
      return logger.level as LogLevel;
    },
    close() {
      unfollow?.();
      repeated.flush();
    },
  };
}

function standardError(): (line: string) => void {
  const stream = destination({ fd: 2, sync: true, maxLength: waitingMaxLength });
  // A disk that is full takes no lines either: they wait, and the newest are lost, but nobody's game is.
  stream.on('error', () => {});
  return (line) => stream.write(line);
}
