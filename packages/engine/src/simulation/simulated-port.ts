import type { RecordVisitor } from 'veltrix';
import type { SimulatedNode, SimulatedWorld } from 'veltrix/simulator';
import type {
  CommandPort,
  HuntEntry,
  RefusalListener,
  TeamProgress,
  TreasureStock,
} from '../processor/command-port.ts';
import { ProcessorInbox } from '../processor/processor-inbox.ts';
import { RecordClaims } from '../processor/record-claims.ts';
import type { Impatience } from './impatience.ts';

type DecidedListener = (partition: number, ...record: Parameters<RecordVisitor>) => void;

/** Few, so that now and then a record crosses without a ticket. */
const claimPlaces = 16;

/**
 * The processors of a simulated node, as the other roles of the same process reach them: by the inbox of a thread
 * that may be behind.
 */
export class SimulatedPort implements CommandPort {
  readonly partitionCount: number;
  readonly #world: SimulatedWorld;
  readonly #decided: DecidedListener[] = [];
  readonly #refused: RefusalListener[] = [];
  readonly #claims = new RecordClaims(new SharedArrayBuffer(4 * claimPlaces));
  readonly #inbox: ProcessorInbox<SimulatedWorld>;

  /** @param node that of the world, which has just started */
  constructor(world: SimulatedWorld, node: SimulatedNode, impatience: Impatience) {
    this.#world = world;
    this.partitionCount = world.plan.partitionCount;
    const { turnBytes } = impatience;
    this.#inbox = new ProcessorInbox({
      claims: this.#claims,
      nextTurn: (task) => node.clock.after(impatience.nextTurnMs(), task),
      take: (_world, partition, record) => this.#take(partition, record),
      ...(turnBytes !== undefined && { turnBytes }),
    });
    this.#inbox.open(world);
  }

  send(partition: number, record: Uint8Array): number {
    const ticket = this.#claims.offer();
    this.#inbox.putRecord(partition, ticket, record.slice());
    this.#inbox.pump();
    return ticket;
  }

  #take(partition: number, record: Uint8Array): void {
    if (this.#world.submit(partition, record)) return;
    const number = new DataView(record.buffer, record.byteOffset).getUint32(12, true);
    for (const listener of this.#refused) listener(partition, number, new Error('refused'));
  }

  withdraw(_partition: number, ticket: number): boolean {
    return this.#claims.withdraw(ticket);
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
