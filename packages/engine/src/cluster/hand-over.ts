import type { Clock } from 'veltrix';
import type { AssignmentBoard, HealthBoard } from 'veltrix/cluster';

export interface HandOverOptions {
  readonly node: string;
  readonly board: Pick<AssignmentBoard, 'document'>;
  /** Where the processors' thread shows which partitions it has; undefined while it cannot be given any. */
  readonly health: HealthBoard | undefined;
  readonly clock: Pick<Clock, 'after'>;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
}

const lookAgainMs = 50;

/** Asks the leader to give the node's partitions away, and waits until they were handed over, at most so long. */
export async function handOver(options: HandOverOptions, timeoutMs: number): Promise<void> {
  const { health, clock, now } = options;
  health?.setDraining(true);
  const until = now() + timeoutMs;
  // Named as owner, too: gone before the leader has read who took over, it would look dead.
  while ((ownsAny(options) || isNamedOwner(options)) && now() < until) {
    await new Promise<void>((resolve) => clock.after(lookAgainMs, resolve));
  }
}

function ownsAny({ health }: HandOverOptions): boolean {
  if (!health) return false;
  const partitions = Array.from({ length: health.partitionCount }, (_, partition) => partition);
  return partitions.some((partition) => health.read(partition)?.part === 'owner');
}

function isNamedOwner({ board, node }: HandOverOptions): boolean {
  return board.document?.some(({ owner }) => owner === node) ?? false;
}
