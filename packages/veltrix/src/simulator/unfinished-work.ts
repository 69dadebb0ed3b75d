import type { SimulatedNode } from './simulated-node.ts';

/** What a node has still to do before it is at rest; undefined when nothing. */
export function unfinishedWork(node: SimulatedNode, partitionCount: number): string | undefined {
  for (const [partition, { fold }] of node.processors.entries()) {
    const log = node.log.partition(partition);
    const { outbox, timers } = fold.platform;
    if (log.durableEnd('events') < log.end('events')) return `partition ${partition} is writing`;
    if (Math.max(fold.platform.decidedOffset, 0) + 1 < log.end('commands')) {
      return `partition ${partition} has commands that are not decided`;
    }
    for (let peer = 0; peer < partitionCount; peer++) {
      if (outbox.waiting(peer) > 0) return `partition ${partition} has messages for ${peer}`;
    }
    let waiting = 0;
    timers.forEach(() => {
      waiting += 1;
    });
    if (waiting > 0) return `partition ${partition} has ${waiting} timers`;
  }
  return undefined;
}
