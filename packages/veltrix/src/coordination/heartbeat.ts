import { Worker } from 'node:worker_threads';
import { veltrixErrors } from '../errors.ts';
import type { MemberDescription } from './coordinator.ts';
import type { HealthBoard } from './health-board.ts';

/** Where the heartbeat's thread finds the function that opens its own coordinator, and what it is given. */
interface CoordinatorOpener {
  /** URL of a module. */
  readonly module: string;
  /** Name of an export: `(options) => Coordinator`. */
  readonly name: string;
  /** Copied to the thread. */
  readonly options: unknown;
}

export interface HeartbeatOptions {
  readonly board: HealthBoard;
  readonly opener: CoordinatorOpener;
  readonly member: MemberDescription;
  /** Of which the reported load is a share. 0, the default: all that the process may use. */
  readonly cores?: number;
  /** Time between reports; 500 is usual. */
  readonly intervalMs: number;
  readonly joined: () => void;
  /**
   * The node is no member and will not become one: what `Coordinator.join` has, or
   * `veltrix-heartbeat-stopped`. The process should end, since nobody hears of it any more.
   */
  readonly failed: (error: Error) => void;
}

/** What the thread is given. */
export interface HeartbeatData {
  readonly buffer: SharedArrayBuffer;
  readonly opener: CoordinatorOpener;
  readonly member: MemberDescription;
  readonly cores: number;
  readonly intervalMs: number;
}

/** What the thread says. */
export type HeartbeatMessage =
  | { readonly kind: 'joined' }
  | {
      readonly kind: 'failed';
      readonly id: keyof typeof veltrixErrors.definitions;
      readonly details: Readonly<Record<string, string | number>>;
    };

/**
 * Keeps this node a member and its load reported, from a thread of its own: so a fold that hangs does not end the session, and
 * the leader sees a node that is alive and a fold that stands still. Returns what stops it; the node
 * then leaves at once.
 */
export function startHeartbeat(options: HeartbeatOptions): (done: () => void) => void {
  const { board, opener, member, cores = 0, intervalMs, joined, failed } = options;
  const data: HeartbeatData = { buffer: board.buffer, opener, member, cores, intervalMs };
  const worker = new Worker(new URL('heartbeat-worker.ts', import.meta.url), { workerData: data });
  let isOver = false;
  let isGone = false;
  const fail = (error: Error) => {
    if (isOver) return;
    isOver = true;
    failed(error);
  };
  worker.on('message', (message: HeartbeatMessage) => {
    if (message.kind === 'joined') joined();
    else fail(veltrixErrors.create(message.id, message.details));
  });
  const stopped = (reason: string) =>
    fail(veltrixErrors.create('veltrix-heartbeat-stopped', { nodeId: member.nodeId, reason }));
  worker.on('error', (error) => stopped(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => {
    isGone = true;
    stopped(`its thread ended with ${code}`);
  });
  return (done) => {
    isOver = true;
    if (isGone) {
      setImmediate(done);
      return;
    }
    worker.once('exit', () => done());
    worker.postMessage('stop');
  };
}
