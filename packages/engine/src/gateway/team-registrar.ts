import { randomFillSync } from 'node:crypto';
import {
  addCommand,
  commandType,
  type Id,
  idFromHex,
  memberKey,
  noId,
  outcome as outcomeCode,
  partitionOf,
} from '@hunt/rules';
import type { Clock } from 'veltrix';
import { currentDeadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import { RecentMap } from '../identity/recent-map.ts';
import { currentTrace } from '../tracing/trace-scope.ts';
import { AwaitedOutcome } from './awaited-outcome.ts';
import type { CommandBatcher } from './command-batcher.ts';
import type { CommandOutcome } from './command-outcome.ts';
import type { DirectoryHunt } from './hunt-directory.ts';
import { deadlinePassed } from './passed-deadlines.ts';

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

  /**
   * Resolves once the team's partition has it, durably. Throws what refused it, and
   * `engine-deadline-passed` before anything is sent, as the others here do.
   */
  register(hunt: DirectoryHunt, team: Id, player: Id = noId): Promise<CommandOutcome> {
    return this.#send(hunt, commandType.registerTeam, team, player, team);
  }

  /**
   * Resolves once the player is a member. Throws `rules-team-full`, `rules-player-already-in-team`.
   *
   * @param commandId 16 bytes; random unless the join may have to be sent again
   */
  async join(hunt: DirectoryHunt, team: Id, player: Id, commandId?: Uint8Array): Promise<void> {
    const sent = this.#send(hunt, commandType.joinTeam, team, player, player, commandId);
    const { code } = await sent;
    if (code !== outcomeCode.joined) throw engineErrors.create('engine-outcome-undecided');
  }

  /**
   * As `join`, for one that was begun before under `commandId`. Its last word may still be on its way;
   * or it was told to a gateway that is gone, and never comes. So it is asked a second time, as a new
   * command: a player who is a member is told so at once, one who is free tries again, and one whose join is on its way,
   * under whatever id, is told what comes of that.
   */
  async joinAgain(hunt: DirectoryHunt, team: Id, player: Id, commandId: Uint8Array): Promise<void> {
    const first = this.join(hunt, team, player, commandId);
    const now = this.join(hunt, team, player);
    await Promise.race([now, first.catch(() => now)]);
  }

  /** To the partition of `home`: the team, or for a join the player. */
  #send(
    hunt: DirectoryHunt,
    type: number,
    team: Id,
    player: Id,
    home: Id,
    commandId: Uint8Array = randomFillSync(new Uint8Array(16)),
  ): Promise<CommandOutcome> {
    if (currentDeadline()?.hasPassed) return Promise.reject(deadlinePassed());
    const { low, high } = hunt.id;
    const partition = partitionOf(this.#partitionCount, low, high, home.low, home.high);
    const receivedAt = this.#clock.now();
    const command = { type, receivedAt, commandId, hunt: hunt.id, team, player };
    const joining = type === commandType.joinTeam ? memberKey(team, player) : undefined;
    const { listener, outcome } = AwaitedOutcome.create(joining);
    this.#batcher.send(partition, addCommand, command, listener, 0, currentTrace()?.command());
    return outcome;
  }

  /** The teams of these names, made where there are none; resolves once each is registered. */
  async ensure(hunt: DirectoryHunt, names: Iterable<string>): Promise<ReadonlyMap<string, Id>> {
    const teams = new Map<string, Id>();
    const unknown = new Set<string>();
    for (const name of names) {
      const team = this.#registered.get(keyOf(hunt, name));
      if (team === undefined) unknown.add(name);
      else teams.set(name, team);
    }
    if (unknown.size === 0) return teams;
    const made = await this.#identity.teamsNamed(hunt.huntId, [...unknown]);
    const registered = [...unknown].map(async (name, index) => {
      const team = idFromHex(made[index]!.teamId)!;
      await this.register(hunt, team);
      this.#registered.set(keyOf(hunt, name), team);
      teams.set(name, team);
    });
    await Promise.all(registered);
    return teams;
  }
}

function keyOf(hunt: DirectoryHunt, name: string): string {
  return `${hunt.slug} ${name}`;
}
