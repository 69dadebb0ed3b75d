import type { Command, CommandResult } from '@hunt/sdk';
import { Silence } from './silence.ts';

/** What a client was told about one command, and what it knows of it. */
export interface LedgerEntry {
  readonly commandId: string;
  readonly hunt: string;
  readonly team: string;
  readonly command: Command;
  readonly status: 'accepted' | 'rejected';
  /** Name of the outcome, or error id of the refusal. */
  readonly outcome: string;
  /** Numbers of the outcome, by their names. */
  readonly values: Readonly<Record<string, number>>;
  /** Address of the gateway that told it. */
  readonly by: string;
  /** When it did, milliseconds since the epoch. */
  readonly at: number;
}

/** A player that the API said has joined. */
export interface LedgerJoin {
  readonly hunt: string;
  readonly team: string;
  readonly player: string;
  readonly joinCode: string | undefined;
}

/** The API said two different things about one command, or one join. */
export interface ChangedAnswer {
  /** `command` or `join`, and its id or key. */
  readonly of: string;
  readonly first: string;
  readonly later: string;
}

/** What players wait for. */
export type Asked = 'command' | 'join';

const changedMax = 100;

/** Everything that clients were promised. Kept outside of the cluster; the proof holds it against the logs. */
export class Ledger {
  readonly entries = new Map<string, LedgerEntry>();
  /** By the idempotency key of the join. */
  readonly joins = new Map<string, LedgerJoin>();
  /** Joins that were refused as if somebody else had made them. */
  readonly disownedJoins: string[] = [];
  /** Joins of which nobody knows what became of them. */
  joinsInDoubt = 0;
  readonly changed: ChangedAnswer[] = [];
  /** Answers without a decision, by error id: what clients had to be patient with. */
  readonly troubles = new Map<string, number>();
  /** Teams with a command of which nobody knows what became of it. */
  readonly inDoubt = new Set<string>();
  /** Claims and collections whose last word no gateway could tell; acknowledged by none. */
  unsettled = 0;
  acknowledged = 0;
  /** Nobody was told anything. */
  readonly silence = new Silence();
  /** Nobody was told what became of a command, or of a join. */
  readonly silences: Readonly<Record<Asked, Silence>> = {
    command: new Silence(),
    join: new Silence(),
  };

  /** Notes an acknowledged outcome, the first one or another one of the same command. */
  acknowledge(
    hunt: string,
    team: string,
    command: Command,
    result: CommandResult,
    by: string,
  ): LedgerEntry {
    this.#heard('command');
    this.acknowledged += 1;
    const entry = { hunt, team, command, ...outcomeOf(result), by, at: Date.now() };
    const known = this.entries.get(entry.commandId);
    if (known === undefined) this.entries.set(entry.commandId, entry);
    else this.#compare(`command ${entry.commandId}`, textOf(known), textOf(entry));
    return entry;
  }

  /** Notes that somebody has joined, the first answer or another one to the same join. */
  acknowledgeJoin(key: string, join: LedgerJoin): void {
    this.#heard('join');
    const known = this.joins.get(key);
    if (known === undefined) this.joins.set(key, join);
    else this.#compare(`join ${key}`, JSON.stringify(known), JSON.stringify(join));
  }

  #compare(of: string, first: string, later: string): void {
    if (first !== later && this.changed.length < changedMax)
      this.changed.push({ of, first, later });
  }

  /** Somebody was told no decision, but an error. */
  trouble(asked: Asked, code: string): void {
    this.note(asked === 'command' ? code : `${asked}: ${code}`);
    this.silences[asked].trouble(code);
  }

  /** An error that was told to somebody who is no player, or to one. */
  note(code: string): void {
    this.troubles.set(code, (this.troubles.get(code) ?? 0) + 1);
    this.silence.trouble(code);
  }

  /** Somebody waits for a decision until the returned function is called. */
  asks(asked: Asked): () => void {
    const overs = [this.silence.asks(), this.silences[asked].asks()];
    return () => {
      for (const over of overs) over();
    };
  }

  /** No silence has begun before. */
  begin(): void {
    for (const silence of [this.silence, ...Object.values(this.silences)]) silence.begin();
  }

  #heard(asked: Asked): void {
    this.silence.heard();
    this.silences[asked].heard();
  }
}

function outcomeOf(result: CommandResult) {
  const { status, commandId } = result;
  const outcome = result.status === 'accepted' ? result.outcome : result.code;
  const values = Object.fromEntries(
    Object.entries(result).filter(
      (member): member is [string, number] =>
        typeof member[1] === 'number' && !notOfTheOutcome.has(member[0]),
    ),
  );
  return { commandId, status, outcome, values };
}

/** Members of problem documents that say how to go on. */
const notOfTheOutcome: ReadonlySet<string> = new Set(['status', 'retryAfterSeconds']);

function textOf({ status, outcome, values }: LedgerEntry): string {
  const sorted = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([status, outcome, sorted]);
}
