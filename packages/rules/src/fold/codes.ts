/** Command types. Payloads: a subject (see subject.ts); what the other fields mean stands beside each. */
export const commandType = {
  /** The hunt's published JSON after the subject: u32 length in `value`. To every partition. */
  publishHunt: 0x100,
  /** Makes a team (or a solo player, whose team has the player's id). To the team's partition. */
  registerTeam: 0x101,
  /** A player joins a team of a team hunt. To the player's partition. */
  joinTeam: 0x102,
  /** item = step; extra = answer hash. */
  submitAnswer: 0x110,
  /** item = step; extra = scan hash. */
  scanCode: 0x111,
  /** item = step; value = distance from the place in metres; detail = accuracy of the fix in metres. */
  checkIn: 0x112,
  /** item = step; detail = hint. */
  takeHint: 0x113,
  /** item = treasure. */
  claimTreasure: 0x114,
  /** item = treasure; takes what is reserved for the team. */
  collectTreasure: 0x115,
} as const;

/** Messages between partitions; extra = id of the command that began it. */
export const messageType = {
  /** To the team's partition: may this player become a member? */
  addMember: 0x180,
  /** To the player's partition: detail = outcome code. */
  memberAnswered: 0x181,
  /** To the treasure's partition. item = treasure, or number of treasures + step for a first-solver bonus. */
  claimStock: 0x182,
  /** To the team's partition: detail = outcome code, value = number of the grant or seconds until expiry. */
  claimSettled: 0x183,
  /** To the treasure's partition: take what is reserved. value = row of the reservation. */
  collectStock: 0x184,
  /** To the team's partition: detail = outcome code. */
  collectSettled: 0x185,
  /** To the team's partition: a reservation expired. */
  reservationLapsed: 0x186,
  /** Timer: a reservation expires. value = reservation number. */
  expireReservation: 0x187,
} as const;

/** Events. Each has one frozen `evolve` per version. Numbers are never reused. */
export const eventType = {
  huntPublished: 0x100,
  teamRegistered: 0x101,
  playerJoining: 0x102,
  memberAdded: 0x103,
  playerJoined: 0x104,
  playerRefused: 0x105,
  stepSolved: 0x110,
  answerRejected: 0x111,
  hintTaken: 0x112,
  bonusGranted: 0x113,
  claimRequested: 0x120,
  claimSettled: 0x121,
  treasureGranted: 0x122,
  treasureReserved: 0x123,
  treasureSoldOut: 0x124,
  reservationExpired: 0x125,
  treasureCollected: 0x126,
  collectRequested: 0x127,
  collectSettled: 0x128,
  reservationLapsed: 0x129,
} as const;

/**
 * Outcome codes: what a player is told. Below 0x200 the command had its effect; from 0x200 on a rule
 * refused it and nothing changed. `a` and `b` are the outcome's values.
 */
export const outcome = {
  published: 0x100,
  registered: 0x101,
  /** The join waits for the team's answer. */
  joinPending: 0x102,
  joined: 0x103,
  /** a = points awarded, b = the team's points. */
  solved: 0x110,
  /** a = wrong answers to this step, b = seconds to wait before the next. */
  wrong: 0x111,
  /** a = distance in metres, b = radius. */
  tooFar: 0x112,
  /** a = accuracy of the fix in metres, b = the coarsest that counts. */
  tooCoarse: 0x113,
  /** a = cost, b = the team's points. */
  hintTaken: 0x114,
  /** The claim waits for the treasure's answer; a = treasure. */
  claimPending: 0x120,
  /** a = treasure, b = number of the grant, from 1. */
  granted: 0x121,
  /** a = treasure, b = seconds until the reservation expires. */
  reserved: 0x122,
  /** The collection waits for the treasure's answer; a = treasure. */
  collectPending: 0x123,
  /** a = treasure, b = number of the grant, from 1. */
  collected: 0x124,
  huntUnknown: 0x200,
  huntNotOpen: 0x201,
  huntClosed: 0x202,
  teamUnknown: 0x203,
  stepUnknown: 0x204,
  stepNotOpen: 0x205,
  alreadySolved: 0x206,
  /** a = seconds left. */
  coolingDown: 0x207,
  hintUnknown: 0x208,
  hintAlreadyTaken: 0x209,
  stepOfOtherKind: 0x20a,
  treasureUnknown: 0x210,
  treasureNotOpen: 0x211,
  /** a = how many the team holds or has asked for, b = the limit. */
  treasureLimitReached: 0x212,
  soldOut: 0x213,
  nothingReserved: 0x214,
  reservationGone: 0x215,
  alreadyInTeam: 0x220,
  teamFull: 0x221,
  notATeamHunt: 0x222,
  definitionOutdated: 0x230,
  definitionIncompatible: 0x231,
  /** A table of the partition that was asked is full. */
  noRoom: 0x240,
  /** The partition that was asked came upon a fault of the program. */
  decideFailed: 0x241,
} as const;

export type OutcomeCode = (typeof outcome)[keyof typeof outcome];

/** Whether an outcome code says that a rule refused the command. */
export function isRefusal(code: number): boolean {
  return code >= outcome.huntUnknown;
}
