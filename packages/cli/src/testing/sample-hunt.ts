import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { StepDefinition } from '@hunt/rules';
import { createOrganiserClient, createPlayerClient } from '@hunt/sdk';
import { readHunt } from '../check/hunt-file.ts';

/** The hunt that comes with the program. */
export const sampleHuntFile = fileURLToPath(
  new URL('../../../../hunts/city-lights.yaml', import.meta.url),
);

/**
 * A new team plays the sample hunt to its end over the API, as players and their organiser would, and
 * asserts each outcome. The first team gets the bonuses.
 */
export async function playSampleHunt(
  baseUrl: string,
  key: string,
  team: string,
  { isFirst, signal }: { readonly isFirst: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { definition } = readHunt(sampleHuntFile);
  const { id: hunt, steps } = definition;
  const codes = await createOrganiserClient({ baseUrl, key }).scanCodes(hunt);
  const player = createPlayerClient({ baseUrl, hunt });
  await player.join({ name: 'Ada', team: { name: team } });

  const attempt = ({ id: step, answers, place }: StepDefinition) => {
    const code = codes.find((one) => one.step === step)?.code;
    if (code !== undefined) return { type: 'scan-code', step, code } as const;
    if (place === null) return { type: 'submit-answer', step, answer: answers[0]! } as const;
    const [latitude, longitude] = [place.latitudeE7 / 1e7, place.longitudeE7 / 1e7];
    return { type: 'check-in', step, latitude, longitude, accuracyMeters: 5 } as const;
  };
  for (const step of steps) {
    const { status, outcome } = await player.submit(attempt(step));
    assert.deepEqual([status, outcome], ['accepted', 'solved'], step.id);
  }
  const outcomes = [];
  for (const [type, treasure] of [
    ['claim-treasure', 'gold-coin'],
    ['claim-treasure', 'roof-dinner'],
    ['collect-treasure', 'roof-dinner'],
  ] as const) {
    outcomes.push((await player.submit({ type, treasure })).outcome);
  }
  assert.deepEqual(outcomes, ['granted', 'reserved', 'collected']);

  const most = steps.reduce((sum, { points, bonus }) => sum + points + (isFirst ? bonus : 0), 0);
  let me = await player.me();
  // A bonus may come from another partition, a moment later.
  while (me.points < most) {
    signal.throwIfAborted();
    me = await player.me();
  }
  assert.equal(me.points, most);
  assert.ok(me.steps.every(({ solved }) => solved));
  assert.deepEqual(
    me.treasures.map(({ held, pending, reserved }) => [held, pending, reserved]),
    [
      [1, 0, 0],
      [1, 0, 0],
    ],
  );
}
