import type { RecordVisitor } from 'veltrix';
import type { SimulatedWorld } from 'veltrix/simulator';
import type {
  CommandPort,
  HuntEntry,
  RefusalListener,
  TeamProgress,
  TreasureStock,
} from '../processor/command-port.ts';

type DecidedListener = (partition: number, ...record: Parameters<RecordVisitor>) => void;

/** The processors of a simulated node, as the other roles of the same process reach them. */
export class SimulatedPort implements CommandPort {
  readonly partitionCount: number;
  readonly #world: SimulatedWorld;
  readonly #decided: DecidedListener[] = [];
  readonly #refused: RefusalListener[] = [];

  constructor(world: SimulatedWorld) {
    this.#world = world;
    this.partitionCount = world.plan.partitionCount;
  }

  send(partition: number, record: Uint8Array): number {
    if (this.#world.submit(partition, record)) return 0;
    const number = new DataView(record.buffer, record.byteOffset).getUint32(12, true);
    for (const listener of this.#refused) listener(partition, number, new Error('refused'));
    return 0;
  }

  /** What is sent is begun at once. */
  withdraw(): boolean {
    return false;
  }

  /** A decision record is durable. */
  publish(partition: number, offset: number, bytes: Uint8Array): void {
    for (const listener of this.#decided) listener(partition, offset, bytes);
  }

  onDecided(listener: DecidedListener): void {
    this.#decided.push(listener);
  }

  onRefused(listener: RefusalListener): void {
    this.#refused.push(listener);
  }

  onStopped(): void {
    // A partition that stops takes the whole simulated node with it.
  }

  hunts(): Promise<HuntEntry[]> {
    throw new Error('not asked for in a simulation');
  }

  team(): Promise<TeamProgress | undefined> {
    throw new Error('not asked for in a simulation');
  }

  treasures(): Promise<TreasureStock[]> {
    throw new Error('not asked for in a simulation');
  }
}
