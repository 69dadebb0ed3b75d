import {
  CommandRecordBuilder,
  DecisionRecordReader,
  type EventView,
  firstApplicationType,
  type PartitionApplication,
  platformEvent,
} from 'veltrix';
import { PartitionFold } from 'veltrix/processor';
import { answerHash } from '../definition/answer.ts';
import { compileHunt } from '../definition/compile-hunt.ts';
import type { HuntDefinition } from '../definition/hunt-definition.ts';
import { scanHash } from '../definition/scan-code.ts';
import { commandType, eventType, outcome } from '../fold/codes.ts';
import { type HuntFold, huntApplication } from '../fold/hunt-application.ts';
import { queryTeam, queryTreasure } from '../fold/queries.ts';
import { huntIdOf } from '../hunt/hunt-id.ts';
import { publicationOf } from '../hunt/publication.ts';
import { publishHunt } from '../hunt/published-hunt.ts';
import { partitionOf } from '../subject/partition-of.ts';
import { addCommand, type Id, noId } from '../subject/subject.ts';

const secret = new Uint8Array(32).fill(7);

type NameOf = (number: number) => string;
const nameIn =
  (numbers: Readonly<Record<string, number>>): NameOf =>
  (number) =>
    Object.keys(numbers).find((name) => numbers[name] === number) ?? `#${number}`;

const outcomeName = nameIn(outcome);
const eventName = nameIn(eventType);

/** What came of a command: the outcome's name and values, and every event on every partition, in order. */
export interface Result {
  status: 'accepted' | 'rejected' | 'repeated' | 'failed';
  outcome: string;
  a: number;
  b: number;
  events: string[];
}

/** A command in the words of a test; `at` is in seconds after the hunt opens. */
export interface TestCommand {
  readonly type: Exclude<keyof typeof commandType, 'publishHunt'>;
  readonly team: number;
  readonly player?: number;
  readonly step?: string;
  readonly treasure?: string;
  readonly answer?: string;
  readonly code?: string;
  readonly hint?: number;
  readonly distance?: number;
  readonly accuracy?: number;
  readonly at?: number;
  readonly id?: number;
}

/**
 * A hunt on real folds without log or network: messages between partitions arrive at once and in
 * order, timers when the test says. For given / when / then over the rules.
 */
export class HuntWorld {
  readonly definition: HuntDefinition;
  readonly folds: { readonly partition: PartitionFold; readonly hunt: HuntFold }[] = [];
  /** Names of all events so far, in order. */
  readonly eventNames: string[] = [];
  readonly #builder = new CommandRecordBuilder();
  readonly #reader = new DecisionRecordReader();
  readonly #records: Uint8Array[][] = [];
  /** Type of the messages at which the program faults. */
  faultsAt: number | undefined;
  /** Messages arrive at `deliverAgain` only. */
  isCut = false;
  #nextId = 1_000_000;
  #offsets: number[] = [];

  constructor(yaml: string, partitionCount = 1, tableMaxRows = 1 << 20) {
    const compiled = compileHunt(yaml, 'test.yaml');
    if (!compiled.hunt) throw new Error(JSON.stringify(compiled.problems));
    this.definition = compiled.hunt;
    for (let partition = 0; partition < partitionCount; partition++) {
      let hunt: HuntFold | undefined;
      const fold = new PartitionFold({
        application: {
          layout: huntApplication.layout,
          open: (space, context) => {
            hunt = huntApplication.open(space, context) as HuntFold;
            return this.#faulting(hunt);
          },
        },
        identity: { logId: 'test', partitionCount, dedupeWindow: 1024 },
        partition,
        tableMaxRows,
      });
      this.folds.push({ partition: fold, hunt: hunt! });
      this.#records.push([]);
      this.#offsets.push(1);
    }
    this.publish(this.definition);
  }

  #faulting(hunt: HuntFold): PartitionApplication {
    return {
      decide: (command, decision) => {
        if (command.type === this.faultsAt) throw new Error('a fault of the program');
        hunt.decide(command, decision);
      },
      refuse: (message, code, decision) => hunt.refuse(message, code, decision),
      evolve: (event) => hunt.evolve(event),
      restored: () => hunt.restored(),
    };
  }

  get huntId(): Id {
    return huntIdOf(this.definition.id);
  }

  publish(definition: HuntDefinition): Result {
    const publication = publicationOf(publishHunt(definition, secret));
    const results = this.folds.map((_, partition) => {
      this.#builder.reset();
      addCommand(this.#builder, {
        ...publication,
        commandId: this.#commandId(),
        receivedAt: this.definition.opensAt,
      });
      return this.#run(partition);
    });
    return results[0]!;
  }

  /** Sends a command to its partition and follows every message until none is left. */
  send(command: TestCommand): Result {
    this.#builder.reset();
    this.#add(command);
    return this.#run(this.#partitionOf(command));
  }

  #partitionOf(command: TestCommand): number {
    const { low, high } = this.huntId;
    const item = command.type === 'joinTeam' ? command.player! : command.team;
    return partitionOf(this.folds.length, low, high, item, 0);
  }

  #commandId(number = this.#nextId++): Uint8Array {
    const id = new Uint8Array(16);
    new DataView(id.buffer).setUint32(0, number, true);
    return id;
  }

  #add(command: TestCommand): void {
    const { definition } = this;
    const step = definition.steps.findIndex(({ id }) => id === command.step);
    const treasure = definition.treasures.findIndex(({ id }) => id === command.treasure);
    const item = command.treasure === undefined ? step : treasure;
    addCommand(this.#builder, {
      type: commandType[command.type],
      receivedAt: definition.opensAt + (command.at ?? 0) * 1000,
      commandId: this.#commandId(command.id),
      hunt: this.huntId,
      team: { low: command.team, high: 0 },
      player: command.player === undefined ? noId : { low: command.player, high: 0 },
      item: item < 0 ? 0xffff : item,
      detail: command.accuracy ?? command.hint ?? 0,
      value: command.distance ?? 0,
      ...this.#extra(command),
    });
  }

  #extra(command: TestCommand): { extra?: Uint8Array } {
    if (command.answer !== undefined) {
      return { extra: answerHash(secret, this.definition.id, command.answer) };
    }
    if (command.code !== undefined) {
      return { extra: scanHash(secret, this.definition.id, command.step!, command.code) };
    }
    return {};
  }

  #run(partition: number): Result {
    const result: Result = { status: 'accepted', outcome: '', a: 0, b: 0, events: [] };
    const record = this.#builder.finish(0, 0, 0).slice();
    this.#decide(partition, record, result, true);
    return result;
  }

  #decide(partition: number, record: Uint8Array, result: Result, first: boolean): void {
    const { partition: fold } = this.folds[partition]!;
    const offset = this.#offsets[partition]!++;
    const decided = fold.decide(offset, record, 0).slice();
    this.#records[partition]!.push(decided);
    const messages: { to: number; record: Uint8Array }[] = [];
    const reader = this.#reader;
    reader.open(decided);
    while (reader.next()) {
      const { decision } = reader;
      const settles = decision.code >= firstApplicationType;
      if (first || settles) {
        result.status = (['accepted', 'rejected', 'repeated', 'failed'] as const)[decision.status];
        result.outcome = decision.code < firstApplicationType ? '' : outcomeName(decision.code);
        result.a = decision.a;
        result.b = decision.b;
      }
      while (reader.nextEvent()) {
        const { event } = reader;
        if (event.type >= firstApplicationType) {
          result.events.push(eventName(event.type));
          this.eventNames.push(eventName(event.type));
        } else if (event.type === platformEvent.messageSent) {
          const to = event.view.getUint16(event.payloadStart, true);
          if (to !== partition) messages.push({ to, record: this.#message(partition, event) });
        }
      }
    }
    if (this.isCut) return;
    for (const { to, record: message } of messages) this.#decide(to, message, result, false);
  }

  /** What the outbox would send for a `messageSent`. */
  #message(source: number, event: EventView): Uint8Array {
    const builder = new CommandRecordBuilder(1024);
    const size = event.payloadEnd - event.payloadStart;
    const start = builder.add(2, 0, event.receivedAt, size);
    builder.buffer.bytes.set(event.bytes.subarray(event.payloadStart, event.payloadEnd), start);
    builder.buffer.view.setUint16(start, source, true);
    return builder.finish(0, 0, 0).slice();
  }

  /** Acknowledges what was received and sends the rest again until nothing more comes of it. Returns the events. */
  deliverAgain(): string[] {
    const events: string[] = [];
    const result: Result = { status: 'accepted', outcome: '', a: 0, b: 0, events };
    for (let before = -1; before !== this.#received(); ) {
      before = this.#received();
      for (const from of this.folds.keys()) {
        for (const to of this.folds.keys()) if (to !== from) this.#deliverAgain(from, to, result);
      }
    }
    return events;
  }

  /** Messages received so far by all partitions. */
  #received(): number {
    let sum = 0;
    for (const { partition } of this.folds) {
      for (const from of this.folds.keys()) sum += partition.platform.outbox.lastReceived(from);
    }
    return sum;
  }

  #deliverAgain(from: number, to: number, result: Result): void {
    const { outbox } = this.folds[from]!.partition.platform;
    const received = this.folds[to]!.partition.platform.outbox.lastReceived(from);
    this.#decide(from, this.#platformRecord(3, to, 0, received, new Uint8Array(0)), result, false);
    for (let left = outbox.waiting(to), next = received + 1; left > 0; left--, next++) {
      const { type, bytes, payloadStart, payloadEnd } = outbox.message(to, next);
      const payload = bytes.slice(payloadStart, payloadEnd);
      this.#decide(to, this.#platformRecord(2, from, type, next, payload), result, false);
    }
  }

  #platformRecord(
    type: number,
    peer: number,
    inner: number,
    sequence: number,
    payload: Uint8Array,
  ): Uint8Array {
    const builder = new CommandRecordBuilder(1024);
    const start = builder.add(type, 0, this.definition.opensAt, 8 + payload.length);
    const { view, bytes } = builder.buffer;
    view.setUint16(start, peer, true);
    view.setUint16(start + 2, inner, true);
    view.setUint32(start + 4, sequence, true);
    bytes.set(payload, start + 8);
    return builder.finish(0, 0, 0).slice();
  }

  /** Fires every timer due at a second after the opening. */
  fireTimers(at: number): string[] {
    const now = this.definition.opensAt + at * 1000;
    const events: string[] = [];
    for (const [partition, { partition: fold }] of this.folds.entries()) {
      const due: number[] = [];
      fold.platform.timers.forEach((number, dueAt) => {
        if (dueAt <= now) due.push(number);
      });
      for (const number of due) {
        const timer = fold.platform.timers.get(number)!;
        const builder = new CommandRecordBuilder(1024);
        const start = builder.add(1, 0, now, 8 + timer.payload.length);
        builder.buffer.view.setUint32(start, number, true);
        builder.buffer.view.setUint16(start + 4, timer.type, true);
        builder.buffer.bytes.set(timer.payload, start + 8);
        const result: Result = { status: 'accepted', outcome: '', a: 0, b: 0, events };
        this.#decide(partition, builder.finish(0, 0, 0).slice(), result, true);
      }
    }
    return events;
  }

  partitionOfTeam(team: number): number {
    const { low, high } = this.huntId;
    return partitionOf(this.folds.length, low, high, team, 0);
  }

  partitionOfTreasure(id: string): number {
    return this.partitionOfTeam(this.#item(id));
  }

  #item(id: string): number {
    return this.definition.treasures.findIndex((treasure) => treasure.id === id);
  }

  team(team: number) {
    const { tables } = this.folds[this.partitionOfTeam(team)]!.hunt;
    return queryTeam(tables, this.huntId, { low: team, high: 0 });
  }

  treasure(id: string) {
    const { tables } = this.folds[this.partitionOfTreasure(id)]!.hunt;
    return queryTreasure(tables, this.huntId, this.#item(id));
  }

  /** The decision records of a partition, in order. */
  records(partition: number): readonly Uint8Array[] {
    return this.#records[partition]!;
  }

  /** Folds each partition's decision records anew and returns both state hashes, live first. */
  refold(): [live: string, again: string][] {
    return this.folds.map(({ partition: live }, partition) => {
      const fold = new PartitionFold({
        application: huntApplication,
        identity: { logId: 'test', partitionCount: this.folds.length, dedupeWindow: 1024 },
        partition,
        tableMaxRows: 1 << 20,
      });
      for (const [index, record] of this.#records[partition]!.entries()) {
        fold.evolve(index + 1, record);
      }
      return [live.space.hash(), fold.space.hash()];
    });
  }
}
