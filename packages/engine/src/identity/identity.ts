/** Ids are 16 hexadecimal digits: 64 random bits. */
export interface PlayerRecord {
  readonly playerId: string;
  readonly teamId: string;
}

export interface TeamRecord {
  readonly teamId: string;
  readonly name: string;
  /** What a player types to join it; absent for solo players' teams of one. */
  readonly joinCode?: string;
}

/** False when it was there before. */
export type Made<Item> = Item & { readonly created: boolean };

/** Ids that a join has chosen, so that it can be repeated; nobody else can guess them. */
export interface Founder {
  readonly teamId: string;
  readonly playerId: string;
}

/** What an organiser's key may do. */
export type Scope = 'publish' | 'record' | 'read-personal' | 'erase';

/**
 * Who people are: names, join codes, organiser keys. The only place with personal data; nothing of it
 * is ever in a log. What a call promised is durable when it returns; calls of one turn share a commit.
 */
export interface Identity {
  /**
   * A team of a hunt by its name, made when it is not there; names are unique within a hunt (after NFKC,
   * case fold). A founder's team gets the founder's id, and its founder finds it by that again. Throws
   * `engine-join-key-reused` when the founder made a team of another name, or is in another team.
   */
  teamNamed(huntId: string, name: string, founder?: Founder): Promise<Made<TeamRecord>>;
  /** Many at once, for recorded contests; order as given. */
  teamsNamed(huntId: string, names: readonly string[]): Promise<readonly TeamRecord[]>;
  teamByJoinCode(huntId: string, joinCode: string): Promise<TeamRecord | undefined>;
  /**
   * A new player who is a team of one: the team has the player's id. With a `playerId` the player is made
   * once, however often this is called; `engine-join-key-reused` when that is somebody of another name.
   */
  createSoloPlayer(huntId: string, name: string, playerId?: string): Promise<Made<PlayerRecord>>;
  /** As `createSoloPlayer`, in a team that is there; else `engine-team-unknown`. */
  createPlayer(
    huntId: string,
    name: string,
    teamId: string,
    playerId?: string,
  ): Promise<Made<PlayerRecord>>;
  /** Names of teams for showing, by team id; erased or unknown ones are missing. */
  teamNames(huntId: string, teamIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Deletes a person: afterwards nothing leads from the ids to them. Returns false when unknown. */
  erasePlayer(huntId: string, playerId: string): Promise<boolean>;
  /** Makes an organiser key with these scopes; only its hash is kept. Returns the key, shown once. */
  createOrganiserKey(label: string, scopes: readonly Scope[]): Promise<string>;
  organiserScopes(key: string): Promise<readonly Scope[] | undefined>;
  close(): Promise<void>;
}
