/** A hunt in the list of hunts. Times are RFC 3339. */
export interface HuntListing {
  readonly hunt: string;
  readonly title: string;
  readonly opensAt: string;
  readonly closesAt: string;
}

/** A hunt as everybody may see it: no answers, no coordinates. */
export interface Hunt extends HuntListing {
  /** Most members of a team; 1: everybody plays alone. */
  readonly teamSize: number;
  readonly ties: 'last-score' | 'penalty';
  readonly steps: readonly HuntStep[];
  readonly treasures: readonly HuntTreasure[];
  /** The server's time, RFC 3339. */
  readonly now: string;
}

export interface HuntStep {
  readonly id: string;
  readonly title: string;
  /** Empty when there is none. */
  readonly clue: string;
  readonly kind: 'answer' | 'scan' | 'place';
  readonly points: number;
  readonly hints: readonly { readonly cost: number }[];
}

export interface HuntTreasure {
  readonly id: string;
  readonly title: string;
  readonly stock: number;
  readonly perTeam: number;
  readonly remaining: number;
}

/** Without `team`: a solo hunt. With a name: a new team. With a code: the team it belongs to. */
export interface JoinRequest {
  readonly name: string;
  readonly team?: { readonly name: string } | { readonly joinCode: string };
}

export interface JoinOptions {
  /**
   * Idempotency key, 1 to 128 visible ASCII characters; made when there is none. Give one to be able to
   * make the same join again after a restart. Draw it at random (`newIdempotencyKey`) and keep it as
   * secret as the token: who has it and knows the names can be that player.
   */
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface JoinedPlayer {
  readonly player: string;
  readonly team: string;
  readonly token: string;
  /** For the other members of the team. */
  readonly joinCode?: string;
  readonly expiresAt: string;
}

/** How far standings can be relied on. */
export interface Staleness {
  /** They are as of then (RFC 3339) and may be out of date; absent while they are up to date. */
  readonly staleSince?: string;
}

/** A team's place. */
export interface StandingRow {
  /** From 1; equals share a rank. */
  readonly rank: number;
  readonly team: string;
  readonly name: string;
  readonly points: number;
  readonly penaltySeconds: number;
  readonly lastScoreAt: string | number | null;
  readonly solved: number;
}

export interface StandingsPage extends Staleness {
  /** Grows with every change. */
  readonly version: number;
  /** Teams in all. */
  readonly total: number;
  readonly standings: readonly StandingRow[];
}

/** A player's own progress: that of the team. */
export interface Progress extends Staleness {
  readonly team: string;
  readonly points: number;
  readonly penaltySeconds: number;
  /** Absent while standings cannot be read. */
  readonly rank?: number;
  readonly steps: readonly StepProgress[];
  readonly treasures: readonly TreasureProgress[];
}

export interface StepProgress {
  readonly id: string;
  readonly open: boolean;
  readonly solved: boolean;
  readonly wrongAnswers: number;
  /** Milliseconds since the epoch by the server's clock until which answers are refused; 0: none. */
  readonly coolDownUntil: number;
  readonly hints: readonly { readonly hint: number; readonly text: string }[];
}

export interface TreasureProgress {
  readonly id: string;
  readonly open: boolean;
  readonly held: number;
  readonly pending: number;
  readonly reserved: number;
}

export interface PublishedHunt {
  readonly hunt: string;
  readonly version: number;
  readonly contentHash: string;
  readonly steps: number;
  readonly treasures: number;
}

/** What hangs at a step of kind `scan`. */
export interface ScanCode {
  /** Id of the step. */
  readonly step: string;
  readonly title: string;
  /** The text of the QR code: solves the step for whoever has it. */
  readonly code: string;
}

/** What is wrong with a hunt file; `members.problems` of the `ProblemError` that publishing throws. */
export interface HuntProblem {
  readonly line: number;
  readonly column: number;
  readonly id: string;
  readonly message: string;
  readonly hint?: string;
}
