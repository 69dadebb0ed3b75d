import type { Command, CommandResult } from '@hunt/sdk';

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
  #asking = 0;
  /** When somebody was told something, or began to wait while nobody did; milliseconds since the epoch. */
  #lastAt = Date.now();
  #longest = { ms: 0, until: Date.now() };

  /** Notes an acknowledged outcome, the first one or another one of the same command. */
  acknowledge(
    hunt: string,
    team: string,
    command: Command,
    result: CommandResult,
    by: string,
  ): LedgerEntry {
    this.heard();
    this.acknowledged += 1;
    const entry = { hunt, team, command, ...outcomeOf(result), by, at: Date.now() };
    const known = this.entries.get(entry.commandId);
    if (known === undefined) this.entries.set(entry.commandId, entry);
    else this.#compare(`command ${entry.commandId}`, textOf(known), textOf(entry));
    return entry;
  }

  /** Notes that somebody has joined, the first answer or another one to the same join. */
  acknowledgeJoin(key: string, join: LedgerJoin): void {
    this.heard();
    const known = this.joins.get(key);
    if (known === undefined) this.joins.set(key, join);
    else this.#compare(`join ${key}`, JSON.stringify(known), JSON.stringify(join));
  }

  #compare(of: string, first: string, later: string): void {
    if (first !== later && this.changed.length < changedMax)
      this.changed.push({ of, first, later });
  }

  trouble(code: string): void {
    this.troubles.set(code, (this.troubles.get(code) ?? 0) + 1);
  }

  /** Somebody waits for a decision until the returned function is called. Nobody can hear of one while nobody asks. */
  asks(): () => void {
    if (this.#asking === 0) this.#lastAt = Date.now();
    this.#asking += 1;
    return () => {
      this.#asking -= 1;
    };
  }

  /** A decision was told: the time without any has ended. */
  heard(): void {
    const now = Date.now();
    if (now - this.#lastAt > this.#longest.ms) {
      this.#longest = { ms: now - this.#lastAt, until: now };
    }
    this.#lastAt = now;
  }

  /** The longest time in which somebody waited for a decision and nobody was told any. */
  get longestSilence(): { readonly ms: number; readonly from: number } {
    const { ms, until } = this.#longest;
    return { ms, from: until - ms };
  }

  /** What was before does not count as silence. */
  begin(): void {
    this.#lastAt = Date.now();
    this.#longest = { ms: 0, until: this.#lastAt };
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
