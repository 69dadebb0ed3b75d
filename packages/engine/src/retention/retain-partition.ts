import { CodedError, DecisionRecordReader, type LogPartition, type StateStore } from 'veltrix';

export interface RetainedPartition {
  readonly log: LogPartition;
  readonly store: Pick<StateStore, 'oldestEventOffset'>;
  /** Every event record below is archived for good. */
  readonly archivedEnd: number;
  /** At least so many bytes of segments stay, whatever is needed. */
  readonly keepBytes: number;
}

/** What came of it in one partition. */
export interface Retained {
  readonly partition: number;
  readonly freedBytes: number;
  /** Why nothing could be let go of now; the log is kept. */
  readonly failure?: string;
}

const decisions = new DecisionRecordReader();

/**
 * Lets go of the segments that nobody needs: their events are archived, the older generation of
 * checkpoints holds them, and so do the commands that were decided by then. Nothing goes until there
 * are two generations.
 */
export function retainPartition(options: RetainedPartition): Retained {
  const { partition } = options.log;
  try {
    return { partition, freedBytes: freed(options) };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { partition, freedBytes: 0, failure: error.message };
  }
}

function freed({ log, store, archivedEnd, keepBytes }: RetainedPartition): number {
  const eventsFrom = Math.min(store.oldestEventOffset(), archivedEnd);
  if (eventsFrom <= log.start('events')) return 0;
  // A power cut may undo a decision, and its command is then decided anew: what is safe to lose is what
  // comes before the command of a decision that is durable.
  let commandsFrom = 0;
  log.read('events', eventsFrom, 1, (offset, bytes) => {
    if (offset === eventsFrom && decisions.open(bytes) === undefined) {
      commandsFrom = decisions.commandOffset;
    }
  });
  return log.retainFrom(commandsFrom, eventsFrom, keepBytes);
}
