import type { PlaceDefinition } from './place.ts';
import type { Requirement } from './requirement.ts';

/** `last-score`: points, then earlier time of the last score. `penalty`: points, then less penalty time. */
export type TieRule = 'last-score' | 'penalty';

export type StepKind = 'answer' | 'scan' | 'place';

/**
 * A hunt as the engine runs it: plain data of strings, whole numbers, lists and null, the same after
 * `JSON.parse(JSON.stringify(…))`. Times are milliseconds since 1970 UTC; the hunt is open while
 * `opensAt <= receivedAt < closesAt`.
 *
 * It holds answers and scan codes in the clear: it is for the organiser and the engine, never for a
 * player. Logs hold their hashes only, see `acceptedHashes`.
 */
export interface HuntDefinition {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly opensAt: number;
  readonly closesAt: number;
  /** Most members of a team; 1 means that everybody plays alone. */
  readonly teamSize: number;
  readonly ties: TieRule;
  /** The index is the step number that requirements speak of. */
  readonly steps: readonly StepDefinition[];
  readonly treasures: readonly TreasureDefinition[];
  /** Hex SHA-256 over everything else here, see `definitionHash`. Comments and layout of the file do not count. */
  readonly contentHash: string;
}

export interface StepDefinition {
  readonly id: string;
  readonly title: string;
  /** Empty when there is none. */
  readonly clue: string;
  readonly kind: StepKind;
  readonly points: number;
  /** Points for the first team that solves it, on top; 0 for none. */
  readonly bonus: number;
  /** Seconds of penalty for each wrong answer before the right one; counts once the step is solved. */
  readonly wrongPenaltySeconds: number;
  /** Milliseconds that a team must wait after a wrong answer. */
  readonly coolDownMs: number;
  /** Points taken for each wrong answer. */
  readonly deduct: number;
  /** Null when the step is open from the start. */
  readonly requires: Requirement | null;
  readonly hints: readonly HintDefinition[];
  /** Kind `answer`: accepted answers as `normalizeAnswer` gives them, none twice. Otherwise empty. */
  readonly answers: readonly string[];
  /** Kind `scan`: the secret text that poster codes are signed over. Otherwise null. */
  readonly scanCode: string | null;
  /** Kind `place`. Otherwise null. */
  readonly place: PlaceDefinition | null;
}

export interface HintDefinition {
  readonly text: string;
  /** Points. */
  readonly cost: number;
}

export interface TreasureDefinition {
  readonly id: string;
  readonly title: string;
  readonly stock: number;
  /** How many one team may hold. */
  readonly perTeam: number;
  /** Milliseconds that a claim is held for its team before it must be collected; 0: granted for good at once. */
  readonly reservationMs: number;
  readonly requires: Requirement | null;
}
