import { addCommand, type Id, partitionOf } from '@hunt/rules';
import type { TraceContext } from 'veltrix';
import type { PlayerIdentity } from '../identity/player-token.ts';
import type { CommandBatcher } from './command-batcher.ts';
import type { CommandIds } from './command-id.ts';
import type { OutcomeListener } from './command-outcome.ts';
import type { CommandRequest } from './command-request.ts';
import type { CommandTranslator } from './command-translator.ts';
import type { DirectoryHunt } from './hunt-directory.ts';

/** Who sends a command, and for whom. */
export interface CommandSender {
  /** Idempotency keys of different senders never meet. */
  readonly sender: Id;
  readonly team: Id;
  readonly player: Id;
  /** Of the team, as `CommandSubmitter.partitionOf` has it. */
  readonly partition: number;
}

/** Sends what clients write as commands to the partition of their team. */
export class CommandSubmitter {
  readonly #batcher: CommandBatcher;
  readonly #ids: CommandIds;
  readonly #translator: CommandTranslator;
  readonly #partitionCount: number;

  constructor(
    batcher: CommandBatcher,
    ids: CommandIds,
    translator: CommandTranslator,
    partitionCount: number,
  ) {
    this.#batcher = batcher;
    this.#ids = ids;
    this.#translator = translator;
    this.#partitionCount = partitionCount;
  }

  partitionOf({ id: { low, high } }: DirectoryHunt, team: Id): number {
    return partitionOf(this.#partitionCount, low, high, team.low, team.high);
  }

  /** A player who sends for the own team. */
  senderOf(hunt: DirectoryHunt, { player, team }: PlayerIdentity): CommandSender {
    return { sender: player, team, player, partition: this.partitionOf(hunt, team) };
  }

  /**
   * Sends a command and returns its id, 32 hexadecimal digits; without a key it is a random one. Ask
   * the batcher for room before. Throws what `translate` and `CommandIds.fromKey` throw, and
   * `veltrix-partition-stopped`.
   */
  submit(
    hunt: DirectoryHunt,
    request: CommandRequest,
    key: string | undefined,
    from: CommandSender,
    receivedAt: number,
    listener: OutcomeListener | undefined,
    tag: number,
    trace?: TraceContext,
  ): string {
    const draft = this.#translator.translate(hunt, request);
    const { commandId } = draft;
    if (key === undefined) this.#ids.random(commandId);
    else this.#ids.fromKey(key, hunt.id, from.sender, commandId);
    draft.receivedAt = receivedAt;
    draft.hunt = hunt.id;
    draft.team = from.team;
    draft.player = from.player;
    this.#batcher.send(from.partition, addCommand, draft, listener, tag, trace);
    return commandIdText(commandId);
  }
}

const hexByByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 32 hexadecimal digits. */
function commandIdText(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < 16; index++) text += hexByByte[bytes[index]!]!;
  return text;
}

/** Undefined when `text` is not 32 lower-case hexadecimal digits. */
export function commandIdBytes(text: string): DataView | undefined {
  if (!/^[0-9a-f]{32}$/.test(text)) return undefined;
  const bytes = new Uint8Array(Buffer.from(text, 'hex'));
  return new DataView(bytes.buffer);
}
