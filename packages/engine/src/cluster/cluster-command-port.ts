import { idFromHex, partitionOf } from '@hunt/rules';
import { type Clock, hasTraces, type LogSubscription, type SharedLog } from 'veltrix';
import type { Bus } from '../bus/bus.ts';
import type {
  CommandPort,
  HuntEntry,
  RefusalListener,
  TeamProgress,
  TreasureStock,
} from '../processor/command-port.ts';
import { GatedEvents } from './gated-events.ts';
import type { EventsPosition, OwnerClient } from './owner-client.ts';

export interface ClusterCommandPortOptions {
  readonly log: SharedLog;
  readonly owners: Pick<OwnerClient, 'ask'>;
  /** Gets the decisions of all partitions. */
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  /** What is waited for before requests can be taken, at the start or again. */
  readonly waitsFor: (error: Error) => void;
  /** Where commands are traced: a record is appended. Returns what to call once it is in the log. */
  readonly appending?: ((partition: number, record: Uint8Array) => () => void) | undefined;
}

const retryMs = 500;
/** Where in a command record the sender's number of the batch is. */
const originBatchAt = 12;

/** Reaches the processors over the shared log: commands are appended here, decisions read back from it. */
export class ClusterCommandPort implements CommandPort {
  readonly partitionCount: number;
  /** Resolves when the decisions of every partition are followed. */
  readonly followed: Promise<void>;
  readonly #options: ClusterCommandPortOptions;
  readonly #refused: RefusalListener[] = [];
  readonly #stopped: ((partition: number, error: Error) => void)[] = [];
  readonly #subscriptions: LogSubscription[] = [];
  /** By partition: all decisions below were given out here. What is read of a partition is no older. */
  readonly #readTo: number[] = [];
  /** By partition: why its decisions cannot be read now. */
  readonly #interrupted: (Error | undefined)[] = [];
  #closed = false;

  constructor(options: ClusterCommandPortOptions) {
    this.#options = options;
    this.partitionCount = options.log.identity.partitionCount;
    const partitions = Array.from({ length: this.partitionCount }, (_, index) => index);
    this.followed = Promise.all(partitions.map((partition) => this.#follow(partition))).then(
      () => {},
    );
  }

  /** From where the owner is by now: nobody waits here for what was decided before. */
  async #follow(partition: number): Promise<void> {
    const { log, owners, bus } = this.#options;
    const { next, position } = await this.#untilAnswered(
      () => owners.ask({ ask: 'position', partition }) as Promise<EventsPosition>,
    );
    if (this.#closed) return;
    const events = new GatedEvents(log.partition(partition));
    events.know(next, position);
    this.#readTo[partition] = next;
    const subscription = events.follow(next, {
      record: (offset, bytes) => {
        this.#readTo[partition] = offset + 1;
        bus.publish(partition, offset, bytes);
      },
      interrupted: (error) => {
        this.#interrupted[partition] = error;
        if (error) this.#options.waitsFor(error);
      },
      ended: (error) => {
        if (this.#closed) return;
        for (const listener of this.#stopped) listener(partition, error);
      },
    });
    this.#subscriptions.push(subscription);
  }

  async #untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, waitsFor } = this.#options;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (this.#closed) throw error;
        waitsFor(error as Error);
      }
      await new Promise<void>((resolve) => clock.after(retryMs, resolve));
    }
  }

  /** Partitions whose decisions cannot be read now. */
  get interruptedPartitions(): number {
    return this.#interrupted.filter((error) => error !== undefined).length;
  }

  /** Throws `veltrix-log-unavailable` while the decisions of the partition cannot be read. */
  send(partition: number, record: Uint8Array): number {
    const interruption = this.#interrupted[partition];
    if (interruption) throw interruption;
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const batch = view.getUint32(originBatchAt, true);
    const { log, appending } = this.#options;
    const appended = hasTraces(record) ? appending?.(partition, record) : undefined;
    return log.partition(partition).append('commands', record, (error) => {
      if (!error) {
        appended?.();
        return;
      }
      for (const listener of this.#refused) listener(partition, batch, error);
    });
  }

  /** A record waits for those before it, in this process, and nowhere else. */
  withdraw(partition: number, ticket: number): boolean {
    return this.#options.log.partition(partition).withdraw('commands', ticket);
  }

  onRefused(listener: RefusalListener): void {
    this.#refused.push(listener);
  }

  onStopped(listener: (partition: number, error: Error) => void): void {
    this.#stopped.push(listener);
  }

  /** Waits until decisions are followed, so that no hunt is missed in between. */
  async hunts(): Promise<HuntEntry[]> {
    await this.followed;
    const { owners } = this.#options;
    return this.#untilAnswered(() => {
      const query = { ask: 'hunts', partition: 0, atLeast: this.#readTo[0] } as const;
      return owners.ask(query) as Promise<HuntEntry[]>;
    });
  }

  async team(huntId: string, teamId: string): Promise<TeamProgress | undefined> {
    const [hunt, team] = [idFromHex(huntId), idFromHex(teamId)];
    if (!hunt || !team) return undefined;
    const partition = partitionOf(this.partitionCount, hunt.low, hunt.high, team.low, team.high);
    const atLeast = this.#readTo[partition];
    const query = { ask: 'team', partition, huntId, teamId, atLeast } as const;
    return this.#options.owners.ask(query) as Promise<TeamProgress | undefined>;
  }

  async treasures(huntId: string): Promise<TreasureStock[]> {
    const hunt = idFromHex(huntId);
    const stocks: TreasureStock[] = [];
    if (!hunt) return stocks;
    for (let item = 0; ; item++) {
      const partition = partitionOf(this.partitionCount, hunt.low, hunt.high, item, 0);
      const atLeast = this.#readTo[partition];
      const query = { ask: 'treasure', partition, huntId, item, atLeast } as const;
      const stock = (await this.#options.owners.ask(query)) as TreasureStock | undefined;
      if (!stock) return stocks;
      stocks.push(stock);
    }
  }

  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.stop();
  }
}
