/** Of the tables and of what is in them. */
export const identityVersion = 1;

export const markTable = `CREATE TABLE IF NOT EXISTS people_store (
  name text PRIMARY KEY, version int)`;

/*
 * `team_names`, `join_codes` and `organiser_keys` hold what must be unique: they are written by votes of
 * the servers only (lightweight transactions). A row of theirs that leads to a team that is not in
 * `teams` was left by a call that did not end, and counts for nothing.
 */
export const identityTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS team_names (
    hunt text, name_key text, team text, PRIMARY KEY ((hunt, name_key)))`,
  `CREATE TABLE IF NOT EXISTS join_codes (
    hunt text, join_code text, team text, PRIMARY KEY ((hunt, join_code)))`,
  `CREATE TABLE IF NOT EXISTS organiser_keys (
    hash blob, label text, scopes text, PRIMARY KEY ((hash)))`,
  `CREATE TABLE IF NOT EXISTS teams (
    hunt text, team text, name text, name_key text, join_code text, PRIMARY KEY ((hunt, team)))`,
  `CREATE TABLE IF NOT EXISTS players (
    hunt text, player text, team text, name text, PRIMARY KEY ((hunt, player)))`,
  `CREATE TABLE IF NOT EXISTS members (
    hunt text, team text, player text, PRIMARY KEY ((hunt, team), player))`,
];

/** Applied or not, by vote. */
export const votes = {
  teamName: `INSERT INTO team_names (hunt, name_key, team) VALUES (?, ?, ?) IF NOT EXISTS`,
  freeTeamName: `DELETE FROM team_names WHERE hunt = ? AND name_key = ? IF team = ?`,
  joinCode: `INSERT INTO join_codes (hunt, join_code, team) VALUES (?, ?, ?) IF NOT EXISTS`,
  freeJoinCode: `DELETE FROM join_codes WHERE hunt = ? AND join_code = ? IF team = ?`,
  organiserKey: `INSERT INTO organiser_keys (hash, label, scopes) VALUES (?, ?, ?) IF NOT EXISTS`,
} as const;

export const writes = {
  team: `INSERT INTO teams (hunt, team, name, name_key, join_code) VALUES (?, ?, ?, ?, ?)`,
  dropTeam: `DELETE FROM teams WHERE hunt = ? AND team = ?`,
  player: `INSERT INTO players (hunt, player, team, name) VALUES (?, ?, ?, ?)`,
  dropPlayer: `DELETE FROM players WHERE hunt = ? AND player = ?`,
  member: `INSERT INTO members (hunt, team, player) VALUES (?, ?, ?)`,
  dropMember: `DELETE FROM members WHERE hunt = ? AND team = ? AND player = ?`,
} as const;

export const reads = {
  teamByName: `SELECT team FROM team_names WHERE hunt = ? AND name_key = ?`,
  teamByCode: `SELECT team FROM join_codes WHERE hunt = ? AND join_code = ?`,
  team: `SELECT team, name, name_key, join_code FROM teams WHERE hunt = ? AND team = ?`,
  player: `SELECT team, name FROM players WHERE hunt = ? AND player = ?`,
  anyMember: `SELECT player FROM members WHERE hunt = ? AND team = ? LIMIT 1`,
  scopes: `SELECT scopes FROM organiser_keys WHERE hash = ?`,
} as const;
