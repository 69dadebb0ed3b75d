import { CommandRecordBuilder } from '../../records/command-record.ts';
import type { SeededRandom } from '../seeded-random.ts';
import {
  accountsCommand,
  accountsPayloadBytes,
  fill,
  type Payload,
} from './accounts-application.ts';

const usualTypes = [
  accountsCommand.deposit,
  accountsCommand.deposit,
  accountsCommand.transfer,
  accountsCommand.transfer,
  accountsCommand.transfer,
  accountsCommand.depositLater,
  accountsCommand.fault,
] as const;

/** Where tables are small, timers send, too: so they meet a full outbox. */
export const crampedTypes = [...usualTypes, accountsCommand.transferLater] as const;

/** What somebody does with an account. */
export interface DrawnCommand {
  readonly type: number;
  readonly payload: Payload;
}

export function drawCommand(
  random: SeededRandom,
  partitionCount: number,
  types: readonly number[] = usualTypes,
): DrawnCommand {
  return {
    type: random.pick(types),
    payload: [
      random.between(0, 5),
      random.between(1, 30),
      random.between(0, partitionCount - 1),
      random.between(0, 200),
    ],
  };
}

/** Ids of commands: new ones, and by mistake some that were used before. */
export class DrawnIds {
  readonly #random: SeededRandom;
  readonly #ids: Uint8Array[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  next(): Uint8Array {
    if (this.#ids.length > 0 && this.#random.chance(0.08)) return this.#random.pick(this.#ids);
    const id = this.#random.bytes(16);
    this.#ids.push(id);
    return id;
  }
}

/**
 * @param id 16 bytes
 * @param receivedAt milliseconds since the epoch
 * @param padding bytes that say nothing behind the payload
 */
export function writeDrawnCommand(
  builder: CommandRecordBuilder,
  { type, payload }: DrawnCommand,
  id: Uint8Array,
  receivedAt: number,
  padding = 0,
): void {
  const start = builder.add(type, 0, receivedAt, accountsPayloadBytes + padding);
  fill(builder.buffer.view, start, payload);
  builder.buffer.bytes.set(id, CommandRecordBuilder.idStart(start));
}
