import { HuntWorld } from './hunt-world.ts';

const yaml = `
hunt: golden
title: Golden
version: 1
opens: 2026-01-01T10:00:00Z
closes: 2026-01-01T12:00:00Z
teams: { size: 2 }
scoring: { ties: penalty, wrongAnswerPenalty: 1200s }
steps:
  - { id: gate, title: Gate, clue: c, points: 10, answers: [open], wrongAnswers: { coolDown: 10s, deduct: 1 }, hints: [{ text: h, cost: 2 }] }
  - { id: tower, title: Tower, clue: c, points: 20, scan: { code: secret }, requires: gate, firstSolverBonus: 5 }
  - id: park
    title: Park
    clue: c
    points: 30
    place: { latitude: 48.1, longitude: 11.5, radius: 50m, accuracyLimit: 100m }
treasures:
  - { id: coin, title: Coin, stock: 1, perTeam: 1, requires: gate }
  - { id: cup, title: Cup, stock: 1, perTeam: 1, reservation: 15m }
`;

/** Plays one hunt with every kind of event on a single partition. */
export function playGoldenHunt(): HuntWorld {
  const world = new HuntWorld(yaml);
  for (const team of [1, 2]) world.send({ type: 'registerTeam', team });
  world.send({ type: 'joinTeam', team: 1, player: 11 });
  world.send({ type: 'joinTeam', team: 1, player: 12 });
  world.send({ type: 'joinTeam', team: 1, player: 13 });
  world.send({ type: 'submitAnswer', team: 1, step: 'gate', answer: 'closed', at: 10 });
  world.send({ type: 'takeHint', team: 1, step: 'gate', hint: 0, at: 12 });
  for (const team of [1, 2]) {
    world.send({ type: 'submitAnswer', team, step: 'gate', answer: 'open', at: 30, id: team });
    world.send({ type: 'submitAnswer', team, step: 'gate', answer: 'open', at: 30, id: team });
    world.send({ type: 'scanCode', team, step: 'tower', code: 'secret', at: 40 });
    world.send({ type: 'claimTreasure', team, treasure: 'coin', at: 50 });
  }
  world.send({ type: 'checkIn', team: 2, step: 'park', distance: 55, accuracy: 5, at: 60 });
  world.send({ type: 'claimTreasure', team: 1, treasure: 'cup', at: 70 });
  world.fireTimers(2000);
  world.send({ type: 'claimTreasure', team: 2, treasure: 'cup', at: 2100 });
  world.send({ type: 'collectTreasure', team: 2, treasure: 'cup', at: 2200 });
  return world;
}
