import { idFromHex, rulesErrors } from '@hunt/rules';
import { CodedError } from 'veltrix';
import { Deadline, withDeadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import type { Identity, Made, TeamRecord } from '../identity/identity.ts';
import { shownName } from '../identity/name.ts';
import type { DirectoryHunt } from './hunt-directory.ts';
import type { JoinIds, JoinKeys } from './join-keys.ts';
import type { TeamRegistrar } from './team-registrar.ts';

export interface JoinRequest {
  readonly name: string;
  readonly team?: { readonly name?: string; readonly joinCode?: string };
}

/** A joined player, before the token is signed. */
export interface JoinedPlayer {
  readonly playerId: string;
  readonly teamId: string;
  readonly joinCode?: string;
}

const eraseMaxMs = 5_000;

type Registrar = Pick<TeamRegistrar, 'register' | 'join' | 'joinAgain'>;

/**
 * Makes players, and the teams that they found. A join can stop between any two of its steps: the name
 * of a team is taken, the team registered, the player made, the player a member. With a key, the same
 * join goes on there, whichever gateway it comes to; without one nobody can come back to it.
 */
export class PlayerJoins {
  readonly #identity: Identity;
  readonly #registrar: Registrar;
  readonly #keys: JoinKeys;

  constructor(identity: Identity, registrar: Registrar, keys: JoinKeys) {
    this.#identity = identity;
    this.#registrar = registrar;
    this.#keys = keys;
  }

  /**
   * Resolves once the player is in the hunt. Throws what refused it: `engine-name-invalid`,
   * `engine-hunt-needs-team`, `engine-team-name-taken`, `engine-join-code-unknown`,
   * `rules-team-full`, `rules-hunt-not-for-teams`, `engine-idempotency-key-invalid`, and
   * `engine-join-key-reused` when the key was used with another name or team. After any other error
   * nothing is known, and the same join may be made again with its key.
   */
  async join(
    hunt: DirectoryHunt,
    { name, team }: JoinRequest,
    key?: string,
  ): Promise<JoinedPlayer> {
    const shown = shownName(name);
    const ids = key === undefined ? undefined : this.#keys.idsOf(hunt.huntId, key);
    if (hunt.definition.teamSize > 1) return this.#joinTeam(hunt, shown, team, ids);
    if (team !== undefined) throw rulesErrors.create('rules-hunt-not-for-teams');
    return this.#joinAlone(hunt, shown, ids);
  }

  async #joinAlone(
    hunt: DirectoryHunt,
    name: string,
    ids: JoinIds | undefined,
  ): Promise<JoinedPlayer> {
    const player = await this.#identity.createSoloPlayer(hunt.huntId, name, ids?.playerId);
    const id = idFromHex(player.playerId)!;
    await this.#registrar.register(hunt, id, id);
    return player;
  }

  async #joinTeam(
    hunt: DirectoryHunt,
    name: string,
    wanted: JoinRequest['team'],
    ids: JoinIds | undefined,
  ): Promise<JoinedPlayer> {
    if (wanted === undefined) throw engineErrors.create('engine-hunt-needs-team');
    const team = await this.#teamFor(hunt, wanted, ids);
    // By the rules registering again changes nothing.
    if (wanted.name !== undefined) await this.#registrar.register(hunt, idFromHex(team.teamId)!);
    const player = await this.#identity.createPlayer(hunt.huntId, name, team.teamId, ids?.playerId);
    try {
      await this.#becomeMember(hunt, player, ids);
    } catch (error) {
      // A name that belongs to nobody in the hunt must not be kept. Whoever has a key may come back,
      // and perhaps is a member already, unless a rule has refused it.
      if (ids === undefined || isRefusal(error)) {
        // Whoever joined may have given up; the name has to go all the same.
        await withDeadline(Deadline.after(eraseMaxMs), () =>
          this.#identity.erasePlayer(hunt.huntId, player.playerId),
        );
      }
      throw ids !== undefined && isOfOtherJoin(error)
        ? engineErrors.create('engine-join-key-reused')
        : error;
    }
    const { joinCode } = team;
    return { ...player, ...(joinCode === undefined ? {} : { joinCode }) };
  }

  async #teamFor(
    hunt: DirectoryHunt,
    { name, joinCode }: NonNullable<JoinRequest['team']>,
    ids: JoinIds | undefined,
  ): Promise<TeamRecord> {
    if (name !== undefined) {
      const team = await this.#identity.teamNamed(hunt.huntId, shownName(name), ids);
      if (team.created || team.teamId === ids?.teamId) return team;
      throw engineErrors.create('engine-team-name-taken');
    }
    const team = await this.#identity.teamByJoinCode(hunt.huntId, joinCode!);
    if (team === undefined) throw engineErrors.create('engine-join-code-unknown');
    return team;
  }

  #becomeMember(
    hunt: DirectoryHunt,
    { playerId, teamId, created }: Made<JoinedPlayer>,
    ids: JoinIds | undefined,
  ): Promise<void> {
    const [team, player] = [idFromHex(teamId)!, idFromHex(playerId)!];
    if (ids === undefined || created) {
      return this.#registrar.join(hunt, team, player, ids?.commandId);
    }
    return this.#registrar.joinAgain(hunt, team, player, ids.commandId);
  }
}

/** The partition knows the player from a join with the same key to another team; its person was erased since. */
function isOfOtherJoin(error: unknown): boolean {
  return (
    error instanceof CodedError &&
    (error.id === 'veltrix-command-id-reused' || error.id === 'rules-player-already-in-team')
  );
}

function isRefusal(error: unknown): boolean {
  return (
    isOfOtherJoin(error) ||
    (error instanceof CodedError && Object.hasOwn(rulesErrors.definitions, error.id))
  );
}
