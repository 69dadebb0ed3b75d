/** How the log writes an outcome that clients are told by name: see docs/api.md and the rules' codes. */
interface OutcomeWord {
  readonly code: number;
  /** What the first and the second value of the decision are called in the answer. */
  readonly a?: string;
  readonly b?: string;
}

/** Outcomes and refusals that a player of the chaos hunts can meet. */
export const outcomeWords: Readonly<Record<string, OutcomeWord>> = {
  solved: { code: 0x110, a: 'points', b: 'total' },
  wrong: { code: 0x111, a: 'wrongAnswers', b: 'coolDownSeconds' },
  'hint-taken': { code: 0x114, a: 'cost', b: 'total' },
  granted: { code: 0x121, b: 'number' },
  reserved: { code: 0x122, b: 'expiresInSeconds' },
  collected: { code: 0x124, b: 'number' },
  'rules-hunt-unknown': { code: 0x200 },
  'rules-team-unknown': { code: 0x203 },
  'rules-step-already-solved': { code: 0x206 },
  'rules-hint-already-taken': { code: 0x209 },
  'rules-treasure-limit-reached': { code: 0x212 },
  'rules-treasure-sold-out': { code: 0x213 },
  'rules-treasure-nothing-reserved': { code: 0x214 },
  'rules-treasure-reservation-gone': { code: 0x215 },
};

/** Events, by their numbers in the log. */
export const eventTypes = {
  teamRegistered: 0x101,
  playerJoined: 0x104,
  stepSolved: 0x110,
  answerRejected: 0x111,
  hintTaken: 0x112,
  bonusGranted: 0x113,
  claimRequested: 0x120,
  claimSettled: 0x121,
  treasureGranted: 0x122,
  treasureSoldOut: 0x124,
  treasureReserved: 0x123,
  reservationExpired: 0x125,
  treasureCollected: 0x126,
  collectSettled: 0x128,
} as const;

/** The decision of a claim or a collection; what came of it is in an event of a later message. */
export const pendingCodes: ReadonlySet<number> = new Set([0x120, 0x123]);
/** From here on a code is a refusal. */
export const firstRefusal = 0x200;
