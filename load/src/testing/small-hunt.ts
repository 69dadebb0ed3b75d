import type { HuntDefinition } from '@hunt/rules';
import { compileHunt } from '@hunt/rules/definition';

/** A hunt with one of everything. */
export function smallHunt(): HuntDefinition {
  const { hunt } = compileHunt(
    `hunt: small
title: Small
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2036-01-01T00:00:00Z
teams: { size: 2 }
steps:
  - { id: one, title: One, points: 1, answers: [eins, une], hints: [{ text: first, cost: 1 }] }
  - { id: two, title: Two, points: 1, answers: [zwei], requires: one }
  - { id: last, title: Last, points: 1, answers: [drei], requires: two }
  - { id: poster, title: Poster, points: 1, scan: { code: x } }
  - id: tower
    title: Tower
    points: 1
    place: { latitude: 47.5, longitude: 8.25, radius: 50m }
treasures:
  - { id: coin, title: Coin, stock: 5 }
`,
    'small.yaml',
  );
  return hunt!;
}
