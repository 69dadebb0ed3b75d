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
