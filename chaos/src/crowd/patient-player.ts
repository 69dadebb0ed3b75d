import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Command,
  createPlayerClient,
  type JoinedPlayer,
  type JoinRequest,
  newIdempotencyKey,
  type PlayerClient,
  ProblemError,
} from '@hunt/sdk';
import type { Asked, Ledger, LedgerEntry } from './ledger.ts';

export interface PlayerPlace {
  /** Those that are asked; they may come and go, but one is always there. */
  readonly gatewayUrls: readonly string[];
  readonly ledger: Ledger;
  /** Aborts when there is no more time: what is without an answer then stays in doubt. */
  readonly giveUp: AbortSignal;
}

const attemptTimeoutMs = 8_000;
const pauseLeastMs = 50;
const pauseMostMs = 1_000;
/** What a join hears that was made before, if the key is not known again. */
const disowning: ReadonlySet<string> = new Set([
  'engine-team-name-taken',
  'engine-join-key-reused',
  'rules-player-already-in-team',
]);
/** So often a claim without a last word is asked for again before the player lives without one. */
const unsettledAsksMax = 6;

/** A player whose commands are sent until they are answered, by one gateway or another, under one id each. */
export class PatientPlayer {
  readonly hunt: string;
  readonly #place: PlayerPlace;
  readonly #token: string;
  /** By address. */
  readonly #clients = new Map<string, PlayerClient>();
  #at: number;
  team = '';
  joinCode: string | undefined;

  private constructor(hunt: string, place: PlayerPlace, token: string, at: number) {
    this.hunt = hunt;
    this.#place = place;
    this.#at = at;
    this.#token = token;
  }

  /** Of the gateway whose turn it is. */
  get #baseUrl(): string {
    const { gatewayUrls } = this.#place;
    return gatewayUrls[this.#at % gatewayUrls.length]!;
  }

  #client(baseUrl: string): PlayerClient {
    const known = this.#clients.get(baseUrl);
    if (known) return known;
    const { hunt } = this;
    const client = createPlayerClient({
      ...{ baseUrl, hunt, token: this.#token, timeoutMs: attemptTimeoutMs },
      // A few looks at what was not decided in time; whose patience is longer asks here again.
      retry: { attemptsMax: 3, pauseMs: 100, pauseMaxMs: 500 },
    });
    this.#clients.set(baseUrl, client);
    return client;
  }

  /**
   * Makes one join, with one key, until it is answered; then some ask the other gateway again. Undefined
   * when there is no room in the team, or it was given up.
   */
  static async join(
    hunt: string,
    place: PlayerPlace,
    request: JoinRequest,
    at: number,
    isRepeated: boolean,
  ): Promise<PatientPlayer | undefined> {
    const key = newIdempotencyKey();
    const ask = (from: number) => PatientPlayer.#ask(hunt, place, request, key, from);
    const joined = await whileAsking(place.ledger, 'join', () => ask(at));
    if (joined === undefined) return undefined;
    if (isRepeated) await whileAsking(place.ledger, 'join', () => ask(at + 1));
    const player = new PatientPlayer(hunt, place, joined.token, at);
    player.team = joined.team;
    player.joinCode = joined.joinCode;
    return player;
  }

  static async #ask(
    hunt: string,
    place: PlayerPlace,
    request: JoinRequest,
    key: string,
    at: number,
  ): Promise<JoinedPlayer | undefined> {
    const { gatewayUrls, ledger, giveUp } = place;
    for (let attempt = 0; !giveUp.aborted; attempt++) {
      const baseUrl = gatewayUrls[(at + attempt) % gatewayUrls.length]!;
      // Every further attempt is for the other gateway.
      const retry = { attemptsMax: 1 };
      const client = createPlayerClient({ baseUrl, hunt, timeoutMs: attemptTimeoutMs, retry });
      try {
        const joined = await client.join(request, { key, signal: giveUp });
        const { team, player, joinCode } = joined;
        ledger.acknowledgeJoin(key, { hunt, team, player, joinCode });
        return joined;
      } catch (error) {
        if (giveUp.aborted) break;
        const code = codeOf(error);
        if (disowning.has(code)) ledger.disownedJoins.push(`${JSON.stringify(request)}: ${code}`);
        else ledger.trouble('join', code);
        if (code === 'rules-team-full' || disowning.has(code)) return undefined;
        await pauseBefore(attempt, giveUp);
      }
    }
    ledger.joinsInDoubt += 1;
    return undefined;
  }

  /** Undefined when it was given up; then the team is in doubt. */
  async submit(command: Command): Promise<LedgerEntry | undefined> {
    return this.#send(command, randomUUID());
  }

  /** Sends a command, and once it is answered the same again to the other gateway. */
  async submitTwice(command: Command): Promise<LedgerEntry | undefined> {
    const key = randomUUID();
    const first = await this.#send(command, key);
    this.#at += 1;
    if (first !== undefined) await this.#send(command, key);
    return first;
  }

  #send(command: Command, key: string): Promise<LedgerEntry | undefined> {
    return whileAsking(this.#place.ledger, 'command', () => this.#sendUntilTold(command, key));
  }

  async #sendUntilTold(command: Command, key: string): Promise<LedgerEntry | undefined> {
    const { ledger, giveUp } = this.#place;
    let unsettled = 0;
    for (let attempt = 0; !giveUp.aborted; attempt++) {
      const by = this.#baseUrl;
      try {
        const result = await this.#client(by).submit(command, { key, signal: giveUp });
        return ledger.acknowledge(this.hunt, this.team, command, result, by);
      } catch (error) {
        if (giveUp.aborted) break;
        // Everything but a decision is worth another try, at the other gateway.
        const code = codeOf(error);
        ledger.trouble('command', code);
        if (isClaim(command) && code === 'sdk-still-undecided' && ++unsettled > unsettledAsksMax) {
          // It was settled while no gateway that knows it lived: the team's progress has it.
          ledger.unsettled += 1;
          return undefined;
        }
        this.#at += 1;
      }
      await pauseBefore(attempt, giveUp);
    }
    ledger.inDoubt.add(this.team);
    return undefined;
  }
}

async function whileAsking<Told>(
  ledger: Ledger,
  asked: Asked,
  ask: () => Promise<Told>,
): Promise<Told> {
  const over = ledger.asks(asked);
  try {
    return await ask();
  } finally {
    over();
  }
}

function isClaim({ type }: Command): boolean {
  return type === 'claim-treasure' || type === 'collect-treasure';
}

function codeOf(error: unknown): string {
  return error instanceof ProblemError ? error.code : String(error);
}

async function pauseBefore(attempt: number, signal: AbortSignal): Promise<void> {
  const most = Math.min(pauseMostMs, pauseLeastMs * 2 ** Math.min(attempt, 6));
  await pause(most / 2 + (Math.random() * most) / 2, undefined, { signal }).catch(() => {});
}
