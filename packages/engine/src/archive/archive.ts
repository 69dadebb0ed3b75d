/** One decided command with its events, as kept for good. */
export interface ArchivedDecision {
  readonly partition: number;
  readonly offset: number;
  /** Place in the decision record, from 0. */
  readonly index: number;
  /** 32 hexadecimal digits. */
  readonly commandId: string;
  readonly commandType: number;
  /** 0 accepted, 1 rejected, 2 repeated, 3 failed. */
  readonly status: number;
  readonly code: number;
  readonly a: number;
  readonly b: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Of one that waits for another partition's answer: whose it is, so that the answer can be found. */
  readonly waits?: { readonly huntId: string; readonly teamId: string };
}

export interface ArchivedEvent {
  readonly partition: number;
  readonly offset: number;
  /** Place among all events of the decision record, from 0. */
  readonly index: number;
  readonly type: number;
  readonly version: number;
  readonly receivedAt: number;
  readonly huntId: string;
  readonly teamId: string;
  /** Number of the step or treasure. */
  readonly item: number;
  readonly detail: number;
  readonly value: number;
}

export interface EventQuery {
  readonly huntId: string;
  readonly teamId?: string;
  /** Only events of this partition. */
  readonly partition?: number;
  /** Events about this treasure number. */
  readonly treasure?: number;
  /** Events that are the last word on this command: 32 hexadecimal digits. */
  readonly settles?: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  /** At most this many, 1 to 10,000. */
  readonly limit: number;
  /** Where the last page ended. */
  readonly after?: { readonly partition: number; readonly offset: number; readonly index: number };
}

/** Every decision and event, for good, queryable. Writing the same record again changes nothing. */
export interface Archive {
  /** The offset to go on from: every record of the partition below it is archived. */
  nextOffset(partition: number): Promise<number>;
  /**
   * Archives a run of decision records of one partition, all or nothing. Their bytes have to stay as they are until it
   * has ended: they are not copied.
   */
  append(
    partition: number,
    records: readonly { offset: number; bytes: Uint8Array }[],
  ): Promise<void>;
  /** In order of partition, offset, index. */
  events(query: EventQuery): Promise<readonly ArchivedEvent[]>;
  decision(commandId: string): Promise<ArchivedDecision | undefined>;
  close(): Promise<void>;
}

/** An archive that several processes write to and that outlives what the log keeps. */
export interface SharedArchive extends Archive {
  /** Every record of the partition below is archived, by whomever: asked anew each time. */
  archivedEnd(partition: number): Promise<number>;
  /**
   * Visits archived decision records from `from` on in offset order, each as it was in the log, some of
   * them. Returns the offset to go on from, which is `archivedEnd` after the last.
   */
  records(
    partition: number,
    from: number,
    visit: (offset: number, bytes: Uint8Array) => void,
  ): Promise<number>;
}
