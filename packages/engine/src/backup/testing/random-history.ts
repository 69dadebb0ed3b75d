import {
  addCommand,
  answerHash,
  commandType,
  type Id,
  partitionOf,
  publicationOf,
  publishHunt,
} from '@hunt/rules';
import { type HuntTables, queryTeam, queryTreasure } from '@hunt/rules/fold';
import { CommandRecordBuilder, type Stream } from 'veltrix';
import type { PartitionFold } from 'veltrix/processor';
import {
  compiled,
  testHuntId,
  testHuntSource,
  testSecret,
} from '../../gateway/testing/test-hunt.ts';
import type { ReadablePartition } from '../../migrate/embedded-records.ts';
import { openVerifiedFold } from '../../verify/verified-fold.ts';

export const stock = 5;
const definition = compiled(testHuntSource.replace('stock: 2', `stock: ${stock}`));
const tableMaxRows = 1 << 16;

/** What happens next: a team does something, or messages or their acknowledgement arrive late, again, or in part. */
export interface HistoryStep {
  readonly kind: 'register' | 'solve' | 'claim' | 'deliver' | 'acknowledge';
  readonly team: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** May be below 0: a clock that is set back. */
  readonly afterMs: number;
}

/** What a team asked of its partition. */
export interface Deed {
  readonly kind: 'register' | 'solve' | 'claim';
  readonly team: number;
}

interface PlayedPartition {
  readonly fold: PartitionFold;
  readonly tables: HuntTables;
  readonly records: Record<Stream, Uint8Array[]>;
  /** By command record. */
  readonly deeds: (Deed | undefined)[];
}

/**
 * A hunt on several partitions as a log of one process has it, in memory: what teams ask is decided at once,
 * messages between partitions travel when a step says so.
 */
export class RandomHistory {
  readonly partitions: PlayedPartition[] = [];
  readonly #count: number;
  #now = Date.UTC(2030, 0, 1);
  #ids = 0;

  constructor(count: number) {
    this.#count = count;
    for (let partition = 0; partition < count; partition++) {
      const identity = { logId: 'ab'.repeat(16), partitionCount: count, dedupeWindow: 1_024 };
      const opened = openVerifiedFold({ identity, partition: { partition }, tableMaxRows });
      this.partitions.push({ ...opened, records: { commands: [], events: [] }, deeds: [] });
    }
  }

  publish(): void {
    const publication = publicationOf(publishHunt(definition, testSecret));
    for (const partition of this.partitions.keys()) {
      this.#decide(partition, undefined, (builder) => {
        addCommand(builder, {
          ...publication,
          commandId: new Uint8Array(16),
          receivedAt: this.#now,
        });
      });
    }
  }

  step({ kind, team, from, to, count, afterMs }: HistoryStep): void {
    this.#now += afterMs;
    if (kind === 'deliver') this.deliver(from % this.#count, to % this.#count, count);
    else if (kind === 'acknowledge') this.acknowledge(from % this.#count, to % this.#count);
    else this.do({ kind, team });
  }

  do(deed: Deed): void {
    const { low, high } = testHuntId;
    const team = idOf(deed.team);
    const partition = partitionOf(this.#count, low, high, team.low, team.high);
    const type = {
      register: commandType.registerTeam,
      solve: commandType.submitAnswer,
      claim: commandType.claimTreasure,
    }[deed.kind];
    this.#decide(partition, deed, (builder) => {
      addCommand(builder, {
        ...{ type, receivedAt: this.#now, commandId: this.#newId(), hunt: testHuntId, team },
        player: team,
        ...(deed.kind === 'solve' && { extra: answerHash(testSecret, 'test-hunt', 'water') }),
      });
    });
  }

  /** See docs/log-format.md, "The platform's own types". */
  deliver(source: number, destination: number, count: number): void {
    const { outbox } = this.partitions[source]!.fold.platform;
    if (source === destination) return;
    const after = outbox.lastAcknowledged(destination);
    const last = after + Math.min(count, outbox.waiting(destination));
    if (last === after) return;
    this.#decide(destination, undefined, (builder) => {
      for (let sequence = after + 1; sequence <= last; sequence++) {
        const message = outbox.message(destination, sequence);
        const { payloadStart, payloadEnd } = message;
        const start = builder.add(2, 0, this.#now, 8 + payloadEnd - payloadStart);
        const { view, bytes } = builder.buffer;
        bytes.set(this.#newId(), CommandRecordBuilder.idStart(start));
        view.setUint16(start, source, true);
        view.setUint16(start + 2, message.type, true);
        view.setUint32(start + 4, sequence, true);
        bytes.set(message.bytes.subarray(payloadStart, payloadEnd), start + 8);
      }
    });
  }

  /** Tells a source what its destination has received. */
  acknowledge(source: number, destination: number): void {
    const received = this.partitions[destination]!.fold.platform.outbox.lastReceived(source);
    if (source === destination || received === 0) return;
    this.#decide(source, undefined, (builder) => {
      const start = builder.add(3, 0, this.#now, 8);
      const { view, bytes } = builder.buffer;
      bytes.set(this.#newId(), CommandRecordBuilder.idStart(start));
      view.setUint16(start, destination, true);
      view.setUint32(start + 4, received, true);
    });
  }

  /** As the processors do: until no message waits any more. */
  settle(): void {
    const pairs = this.partitions.flatMap((_, source) =>
      this.partitions.map((__, destination) => [source, destination] as const),
    );
    const waiting = () =>
      pairs.some(([source, destination]) => {
        return this.partitions[source]!.fold.platform.outbox.waiting(destination) > 0;
      });
    for (let rounds = 0; waiting(); rounds++) {
      if (rounds > 100) throw new Error('messages are never acknowledged');
      for (const [source, destination] of pairs) {
        this.deliver(source, destination, 256);
        this.acknowledge(source, destination);
      }
    }
  }

  #newId(): Uint8Array {
    this.#ids += 1;
    return new Uint8Array(new Uint32Array([this.#ids, this.#ids, 7, this.#count]).buffer);
  }

  #decide(
    partition: number,
    deed: Deed | undefined,
    add: (builder: CommandRecordBuilder) => void,
  ): void {
    const builder = new CommandRecordBuilder();
    add(builder);
    const { fold, records, deeds } = this.partitions[partition]!;
    const command = builder.finish(1, 1, this.#now).slice();
    records.commands.push(command);
    records.events.push(fold.decide(records.commands.length, command, 0).slice());
    deeds.push(deed);
    fold.effects.forget();
  }

  /** As the log of a data directory is read. */
  readable(partition: number): ReadablePartition {
    const { records } = this.partitions[partition]!;
    const end = (stream: Stream) => records[stream].length + 1;
    return {
      partition,
      start: () => 1,
      durableEnd: end,
      read: (stream, from, _, visit) => {
        for (let offset = from; offset < end(stream); offset++) {
          visit(offset, records[stream][offset - 1]!);
        }
        return end(stream);
      },
    };
  }

  /** What is left when only so many decision records of each partition are kept. */
  cut(ends: readonly number[]): RandomHistory {
    const kept = new RandomHistory(this.#count);
    kept.#now = this.#now;
    kept.#ids = this.#ids + 1_000;
    for (const [partition, { records, deeds }] of this.partitions.entries()) {
      const copy = kept.partitions[partition]!;
      for (const [index, event] of records.events.slice(0, ends[partition]! - 1).entries()) {
        copy.fold.evolve(index + 1, event);
        copy.fold.effects.forget();
        copy.records.commands.push(records.commands[index]!);
        copy.records.events.push(event);
        copy.deeds.push(deeds[index]);
      }
    }
    return kept;
  }

  /** Of a team; undefined where nobody has registered it. */
  team(number: number): { points: number; held: number; pending: number } | undefined {
    const id = idOf(number);
    for (const { tables } of this.partitions) {
      const found = queryTeam(tables, testHuntId, id);
      if (!found) continue;
      const { held, pending } = found.treasures[0]!;
      return { points: found.points, held, pending };
    }
    return undefined;
  }

  /** Of the treasure, by the partition that gives it away. */
  get granted(): number {
    const all = this.partitions.map(({ tables }) => queryTreasure(tables, testHuntId, 0));
    return all.reduce((sum, one) => sum + (one?.granted ?? 0), 0);
  }

  /** All that teams asked, in the order of each partition. */
  get deeds(): Deed[] {
    return this.partitions.flatMap(({ deeds }) => deeds.filter((deed) => deed !== undefined));
  }
}

function idOf(team: number): Id {
  return { low: team, high: team * 31 };
}
