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

/** What an organiser's key may do. */
export type Scope = 'publish' | 'record' | 'read-personal' | 'erase';

/**
 * Who people are: names, join codes, organiser keys. The only place with personal data; nothing of it
 * is ever in a log. What a call promised is durable when it returns; calls of one turn share a commit.
 */
export interface Identity {
  /** A team of a hunt by its name, made when it is not there; names are unique within a hunt (after NFKC, case fold). */
  teamNamed(huntId: string, name: string): Promise<TeamRecord & { readonly created: boolean }>;
  /** Many at once, for recorded contests; order as given. */
  teamsNamed(huntId: string, names: readonly string[]): Promise<readonly TeamRecord[]>;
  teamByJoinCode(huntId: string, joinCode: string): Promise<TeamRecord | undefined>;
  /** A new player who is a team of one: the team has the player's id. */
  createSoloPlayer(huntId: string, name: string): Promise<PlayerRecord>;
  createPlayer(huntId: string, name: string, teamId: string): Promise<PlayerRecord>;
  /** Names of teams for showing, by team id; erased or unknown ones are missing. */
  teamNames(huntId: string, teamIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Deletes a person: afterwards nothing leads from the ids to them. Returns false when unknown. */
  erasePlayer(huntId: string, playerId: string): Promise<boolean>;
  /** Makes an organiser key with these scopes; only its hash is kept. Returns the key, shown once. */
  createOrganiserKey(label: string, scopes: readonly Scope[]): Promise<string>;
  organiserScopes(key: string): Promise<readonly Scope[] | undefined>;
  close(): Promise<void>;
}
