import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom } from 'veltrix/simulator';
import type { ChaosHunt, Drop } from './chaos-hunt.ts';
import type { DropBell } from './drop-bell.ts';
import { PatientPlayer, type PlayerPlace } from './patient-player.ts';

const thinkMostMs = 250;

/**
 * Somebody comes, makes a team, solves, and claims every treasure when it drops. Resolves when all of it is answered,
 * or given up. `at` says with which gateway to begin.
 */
export async function playHunt(
  hunt: ChaosHunt,
  drops: DropBell,
  place: PlayerPlace,
  random: SeededRandom,
  at: number,
): Promise<void> {
  const name = `p${at}`;
  const team = { name, team: { name: `${name} ${randomUUID()}` } };
  const isRepeated = () => random.chance(0.3);
  const player = await PatientPlayer.join(hunt.id, place, team, at, isRepeated());
  if (player === undefined) return;
  const { joinCode } = player;
  if (joinCode !== undefined && random.chance(0.3)) {
    const mate = { name, team: { joinCode } };
    await PatientPlayer.join(hunt.id, place, mate, at, isRepeated());
  }
  await Promise.all([
    solve(hunt, place, player, random),
    ...hunt.drops.map((drop, number) => claim(drop, drops.rings(number), player)),
  ]);
}

async function solve(
  hunt: ChaosHunt,
  { giveUp }: PlayerPlace,
  player: PatientPlayer,
  random: SeededRandom,
): Promise<void> {
  for (const { id: step, answer } of hunt.steps) {
    const think = () =>
      pause(random.between(0, thinkMostMs), undefined, { signal: giveUp }).catch(() => {});
    if (random.chance(0.3)) await player.submit({ type: 'take-hint', step, hint: 1 });
    for (let wrong = random.between(0, 2); wrong > 0; wrong--) {
      await think();
      await player.submit({ type: 'submit-answer', step, answer: `not ${wrong}` });
    }
    await think();
    const right = { type: 'submit-answer', step, answer } as const;
    if (random.chance(0.2)) await player.submitTwice(right);
    else await player.submit(right);
    // Once solved it is refused, and costs nothing.
    if (random.chance(0.1)) await player.submit(right);
    if (giveUp.aborted) return;
  }
}

/** Everybody claims at the same moment, and half of those who have a reservation collect it. */
async function claim(drop: Drop, rung: Promise<void>, player: PatientPlayer): Promise<void> {
  await rung;
  const treasure = drop.id;
  const claimed = await player.submitTwice({ type: 'claim-treasure', treasure });
  if (claimed?.outcome !== 'reserved' || player.team < '8') return;
  await player.submit({ type: 'collect-treasure', treasure });
}
