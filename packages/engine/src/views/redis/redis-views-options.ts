import type { Clock, CodedError } from 'veltrix';
import type { RedisServers } from '../../redis/redis-client.ts';
import type { Repair } from '../partition-repairs.ts';
import type { ViewsIdentity } from './views-directory.ts';

export interface RedisViewsOptions {
  readonly servers: RedisServers;
  /** The log the views are made from; others find them taken. */
  readonly identity: ViewsIdentity;
  /** Before every key: letters, digits, `_`, `-`, `.` and `:`, at most 64. Default `hunt:`. */
  readonly keyPrefix?: string;
  /** Bytes of updates that may wait before `apply` says so; beyond twice that it throws. Default 16 MiB. */
  readonly updatesMaxBytes?: number;
  /** Standings that were read last and are shown while Redis is gone, some 150 bytes each. Default 100,000. */
  readonly recentMaxRows?: number;
  /** Reads under way at once, at most; fewer while they take longer than usual. May change. Default 256. */
  readonly readsMax?: () => number;
  /** Batches of updates on their way at once, of all partitions together, at most; fewer while they take longer than usual. May change. Default 64. */
  readonly updatesInflightMax?: () => number;
  /** How often it is looked whether another generation is shown, in milliseconds. Default 1,000. */
  readonly lookEveryMs?: number;
  /** Standings are stale when for longer than this nobody said that they hold all the log has, in milliseconds. Default 5,000. */
  readonly staleAfterMs?: number;
  readonly clock?: Clock;
  /** Redis cannot be used for now (why), or can be again (undefined). */
  readonly onInterrupted?: (error: CodedError | undefined) => void;
  /**
   * What the views have of a partition does not go with the log, and is begun again from it. What is read is stale
   * meanwhile.
   */
  readonly onRepair?: (repair: Repair) => void;
  /** All of such a partition is shown again. */
  readonly onRepaired?: (partition: number) => void;
  /** Pauses before such a partition is begun again, in milliseconds; after the last one `onFailure`. Default 1 s to 5 min. */
  readonly repairPausesMs?: readonly number[];
  /**
   * Asked before what Redis has is given up and made anew from the log: rejects where that cannot be read from the
   * first record on, with `AskLaterError` where it may be later. Nobody is asked where it is left out.
   */
  readonly checkLog?: () => Promise<void>;
  /** What waiting cannot mend; nothing more is taken in. */
  readonly onFailure?: (error: CodedError) => void;
  /** Builds a generation of its own, beside the one that is shown, until `promote`. */
  readonly rebuild?: boolean;
}
