import type { HuntDefinition } from '@hunt/rules';
import type { Action } from '../scenario/scenario-shape.ts';

/** What a player sends to solve a step. */
export function solutionOf(
  { id: step, kind, answers, place }: HuntDefinition['steps'][number],
  scanCodes: Readonly<Record<string, string>>,
): object {
  if (kind === 'answer') return { type: 'submit-answer', step, answer: answers[0]! };
  if (kind === 'scan') return { type: 'scan-code', step, code: scanCodes[step] ?? '' };
  const [latitude, longitude] = [place!.latitudeE7 / 1e7, place!.longitudeE7 / 1e7];
  return { type: 'check-in', step, latitude, longitude, accuracyMeters: 5 };
}

/** Every command that an action may be, for a player who does not know what is open; empty for what is none. */
export function commandBodies(
  action: Action,
  { steps, treasures }: HuntDefinition,
  scanCodes: Readonly<Record<string, string>>,
): readonly object[] {
  const solutions = (wanted: string) =>
    steps.filter(({ kind }) => kind === wanted).map((step) => solutionOf(step, scanCodes));
  switch (action) {
    case 'answer-right':
      return solutions('answer');
    case 'scan':
      return solutions('scan');
    case 'check-in':
      return solutions('place');
    case 'answer-wrong':
      return steps
        .filter(({ kind }) => kind === 'answer')
        .map(({ id }) => ({ type: 'submit-answer', step: id, answer: 'no idea' }));
    case 'hint':
      return steps
        .filter(({ hints }) => hints.length > 0)
        .map(({ id }) => ({ type: 'take-hint', step: id, hint: 1 }));
    case 'claim':
      return treasures.map(({ id }) => ({ type: 'claim-treasure', treasure: id }));
    default:
      return [];
  }
}
