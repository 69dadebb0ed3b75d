import { CommandRecordBuilder } from '../../records/command-record.ts';
import { DecisionRecordReader } from '../../records/decision-record.ts';
import type { Workload } from '../checker.ts';
import type { EventQueue } from '../event-queue.ts';
import { SeededRandom } from '../seeded-random.ts';
import { simulatedEpoch } from '../simulated-clock.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';
import { crampedTypes, DrawnIds, drawCommand, writeDrawnCommand } from './drawn-command.ts';

const origin = 7;
const retryMs = 150;
const crampedRows = 100;

interface Request {
  readonly partition: number;
  readonly record: Uint8Array;
  answered: boolean;
}

/** Where the people live. */
export interface AccountsWorld {
  readonly plan: {
    readonly seed: number;
    readonly durationMs: number;
    readonly partitionCount: number;
    readonly tableMaxRows?: number;
  };
  readonly queue: EventQueue;
  readonly network: SimulatedNetwork;
  submit(partition: number, record: Uint8Array): unknown;
}

/** People with accounts: they send batches, lose replies, send the same again, and mix ids up. */
export class AccountsWorkload implements Workload {
  readonly #world: AccountsWorld;
  readonly #random: SeededRandom;
  /** Bytes that say nothing behind each payload: they fill the segments of the log. */
  readonly #padding: number;
  readonly #builder = new CommandRecordBuilder(4096);
  readonly #reader = new DecisionRecordReader();
  readonly #requests: Request[] = [];
  readonly #ids: DrawnIds;
  readonly #types: readonly number[] | undefined;

  constructor(world: AccountsWorld) {
    this.#world = world;
    this.#random = new SeededRandom(world.plan.seed, 10);
    this.#ids = new DrawnIds(this.#random);
    this.#padding = this.#random.pick([0, 0, 3_000]);
    const { tableMaxRows = crampedRows } = world.plan;
    this.#types = tableMaxRows < crampedRows ? crampedTypes : undefined;
  }

  begin(): void {
    const count = this.#random.between(10, 80);
    for (let left = count; left > 0; left--) {
      this.#world.queue.schedule(this.#random.between(0, this.#world.plan.durationMs), () =>
        this.#request(),
      );
    }
  }

  #request(): void {
    const random = this.#random;
    const { plan, queue } = this.#world;
    const partition = random.between(0, plan.partitionCount - 1);
    this.#builder.reset();
    for (let left = random.between(1, 5); left > 0; left--) {
      const command = drawCommand(random, plan.partitionCount, this.#types);
      const receivedAt = simulatedEpoch + queue.now;
      writeDrawnCommand(this.#builder, command, this.#ids.next(), receivedAt, this.#padding);
    }
    const record = this.#builder.finish(origin, this.#requests.length, queue.now).slice();
    const request = { partition, record, answered: false };
    this.#requests.push(request);
    this.#send(request);
  }

  #send(request: Request): void {
    if (request.answered) return;
    this.#world.network.send(() => this.#world.submit(request.partition, request.record));
    this.#world.queue.schedule(retryMs, () => this.#send(request));
  }

  published(_partition: number, _offset: number, bytes: Uint8Array): void {
    this.#reader.open(bytes);
    if (this.#reader.origin !== origin) return;
    const request = this.#requests[this.#reader.originBatch]!;
    this.#world.network.send(() => {
      request.answered = true;
    });
  }

  nodeStarted(): void {}

  nodeDied(): void {}

  heal(): void {}

  waitingFor(): string | undefined {
    const unanswered = this.#requests.filter(({ answered }) => !answered).length;
    return unanswered > 0 ? `${unanswered} requests have no answer` : undefined;
  }
}
