import type { SharedLog } from '../shared-log.ts';

/** What the suite sets when it opens a log; an adapter fills in the rest. */
interface SharedLogSettings {
  readonly partitionCount?: number;
  readonly dedupeWindow?: number;
  readonly recordMaxBytes?: number;
  readonly inflightMaxBytes?: number;
  readonly followMaxBytes?: number;
  readonly appendTimeoutMs?: number;
}

/** One log that is kept elsewhere, and power over what happens to it. Records up to 1 MiB fit. */
export interface SharedLogFixture {
  /** Another process takes up its connection to the same log. */
  open(settings?: SharedLogSettings): Promise<SharedLog>;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  /** The log answers nobody, until the returned function is called. */
  outage(): Promise<() => Promise<void>>;
  /** Deletes the log and makes it anew, with another identity, while processes are on it. */
  recreate(): Promise<void>;
  dispose(): void | Promise<void>;
}

export const sharedContractIdentity = { partitionCount: 2, dedupeWindow: 1024 };

/** Tests by name. */
export type SharedLogPromises = Readonly<
  Record<string, (fixture: SharedLogFixture) => Promise<void>>
>;
