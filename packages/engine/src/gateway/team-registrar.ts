import { randomFillSync } from 'node:crypto';
import {
  addCommand,
  commandType,
  type Id,
  idFromHex,
  noId,
  outcome as outcomeCode,
  partitionOf,
} from '@hunt/rules';
import type { Clock } from 'veltrix';
import type { Identity } from '../identity/identity.ts';
import { RecentMap } from '../identity/recent-map.ts';
import type { CommandBatcher } from './command-batcher.ts';
import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import type { DirectoryHunt } from './hunt-directory.ts';
import { refusalError } from './outcome-json.ts';
import { engineErrors } from '../errors.ts';

/** A command of the gateway itself, whose outcome one promise waits for. */
class AwaitedOutcome implements OutcomeListener {
  readonly #resolve: (outcome: CommandOutcome) => void;
  readonly #reject: (error: Error) => void;

  constructor(resolve: (outcome: CommandOutcome) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onOutcome(_tag: number, outcome: CommandOutcome): void {
    const error = refusalError(outcome);
    if (error === undefined) this.#resolve({ ...outcome });
    else this.#reject(error);
  }

  onUndecided(): void {
    this.#reject(engineErrors.create('engine-outcome-undecided'));
  }

  onRefused(_tag: number, error: Error): void {
    this.#reject(error);
  }
}

/** Makes teams and players known to their partitions. */
export class TeamRegistrar {
  readonly #batcher: CommandBatcher;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #partitionCount: number;
  /** Teams by hunt and name that a partition is known to have. */
  readonly #registered: RecentMap<Id>;

  constructor(
    batcher: CommandBatcher,
    identity: Identity,
    clock: Clock,
    partitionCount: number,
    cacheMax: number,
  ) {
    this.#batcher = batcher;
    this.#identity = identity;
    this.#clock = clock;
    this.#partitionCount = partitionCount;
    this.#registered = new RecentMap(cacheMax);
  }

  /** Resolves once the team's partition has it, durably. Throws what refused it. */
  register(hunt: DirectoryHunt, team: Id, player: Id = noId): Promise<CommandOutcome> {
    return this.#send(hunt, commandType.registerTeam, team, player, team);
  }

  /** Resolves once the player is a member. Throws `rules-team-full`, `rules-player-already-in-team`. */
  async join(hunt: DirectoryHunt, team: Id, player: Id): Promise<void> {
    const { code } = await this.#send(hunt, commandType.joinTeam, team, player, player);
    if (code !== outcomeCode.joined) throw engineErrors.create('engine-outcome-undecided');
  }

  #send(
    hunt: DirectoryHunt,
    type: number,
    team: Id,
    player: Id,
    home: Id,
  ): Promise<CommandOutcome> {
    return new Promise((resolve, reject) => {
      this.#sendTo(hunt, type, team, player, home, new AwaitedOutcome(resolve, reject));
    });
  }

  /** To the partition of `home`: the team, or for a join the player. */
  #sendTo(
    hunt: DirectoryHunt,
    type: number,
    team: Id,
    player: Id,
    home: Id,
    listener: OutcomeListener,
  ): void {
    const { low, high } = hunt.id;
    const partition = partitionOf(this.#partitionCount, low, high, home.low, home.high);
    const commandId = randomFillSync(new Uint8Array(16));
    const receivedAt = this.#clock.now();
    const command = { type, receivedAt, commandId, hunt: hunt.id, team, player };
    this.#batcher.send(partition, addCommand, command, listener);
  }

  /** Makes teams where there are none of these names, and waits until each is registered. */
  async ensure(hunt: DirectoryHunt, names: readonly string[]): Promise<readonly Id[]> {
    const teams = await this.#identity.teamsNamed(hunt.huntId, names);
    return Promise.all(
      teams.map(async ({ teamId }, index) => {
        const team = idFromHex(teamId)!;
        const key = keyOf(hunt, names[index]!);
        if (this.#registered.get(key) === undefined) {
          await this.register(hunt, team);
          this.#registered.set(key, team);
        }
        return team;
      }),
    );
  }

  /** The team of this name when it is known to be registered. */
  known(hunt: DirectoryHunt, name: string): Id | undefined {
    return this.#registered.get(keyOf(hunt, name));
  }
}

function keyOf(hunt: DirectoryHunt, name: string): string {
  return `${hunt.slug} ${name}`;
}
