import type { HuntDefinition } from '@hunt/rules';
import { loadErrors } from '../errors.ts';
import type { Action } from '../scenario/scenario-shape.ts';

/** What an action needs of a hunt, and what to say when it has none. */
const needs: Partial<
  Record<Action, readonly [has: (hunt: HuntDefinition) => boolean, reason: string]>
> = {
  'answer-right': [
    ({ steps }) => steps.some(({ kind }) => kind === 'answer'),
    'no step with answers',
  ],
  'answer-wrong': [
    ({ steps }) => steps.some(({ kind }) => kind === 'answer'),
    'no step with answers',
  ],
  scan: [({ steps }) => steps.some(({ kind }) => kind === 'scan'), 'no step with a code to scan'],
  'check-in': [({ steps }) => steps.some(({ kind }) => kind === 'place'), 'no step at a place'],
  hint: [({ steps }) => steps.some(({ hints }) => hints.length > 0), 'no hints'],
  claim: [({ treasures }) => treasures.length > 0, 'no treasures'],
};

/** Throws load-action-impossible for the first action with a weight that the hunt has nothing for. */
export function checkActions(mix: Readonly<Record<Action, number>>, hunt: HuntDefinition): void {
  for (const [action, [has, reason]] of Object.entries(needs)) {
    if (mix[action as Action] === 0 || has(hunt)) continue;
    throw loadErrors.create('load-action-impossible', { action, hunt: hunt.id, reason });
  }
}
