import type { CodedError, ErrorDetails } from 'veltrix';
import { rulesErrors } from '../errors.ts';
import { outcome } from './codes.ts';

type RulesErrorId = keyof typeof rulesErrors.definitions;

const refusals: ReadonlyMap<number, RulesErrorId> = new Map([
  [outcome.huntUnknown, 'rules-hunt-unknown'],
  [outcome.huntNotOpen, 'rules-hunt-not-open'],
  [outcome.huntClosed, 'rules-hunt-closed'],
  [outcome.teamUnknown, 'rules-team-unknown'],
  [outcome.stepUnknown, 'rules-step-unknown'],
  [outcome.stepNotOpen, 'rules-step-not-open'],
  [outcome.alreadySolved, 'rules-step-already-solved'],
  [outcome.coolingDown, 'rules-step-cooling-down'],
  [outcome.stepOfOtherKind, 'rules-step-of-other-kind'],
  [outcome.hintUnknown, 'rules-hint-unknown'],
  [outcome.hintAlreadyTaken, 'rules-hint-already-taken'],
  [outcome.treasureUnknown, 'rules-treasure-unknown'],
  [outcome.treasureNotOpen, 'rules-treasure-not-open'],
  [outcome.treasureLimitReached, 'rules-treasure-limit-reached'],
  [outcome.soldOut, 'rules-treasure-sold-out'],
  [outcome.nothingReserved, 'rules-treasure-nothing-reserved'],
  [outcome.reservationGone, 'rules-treasure-reservation-gone'],
  [outcome.alreadyInTeam, 'rules-player-already-in-team'],
  [outcome.teamFull, 'rules-team-full'],
  [outcome.notATeamHunt, 'rules-hunt-not-for-teams'],
  [outcome.definitionOutdated, 'rules-hunt-version-outdated'],
  [outcome.definitionIncompatible, 'rules-hunt-version-incompatible'],
  [outcome.noRoom, 'rules-no-room'],
  [outcome.decideFailed, 'rules-decide-failed'],
]);

/** Error id of an outcome by which a rule refused a command; undefined for outcomes that are no refusal. */
export function refusalIdOf(code: number): RulesErrorId | undefined {
  return refusals.get(code);
}

/** The refusal as an error, with the outcome's values in its message. */
export function refusalOf(code: number, a: number, b: number): CodedError | undefined {
  const id = refusals.get(code);
  return id && rulesErrors.create(id, detailsOf(code, a, b));
}

function detailsOf(code: number, a: number, b: number): ErrorDetails {
  if (code === outcome.coolingDown) return { seconds: a };
  if (code === outcome.treasureLimitReached) return { held: a, limit: b };
  return {};
}
