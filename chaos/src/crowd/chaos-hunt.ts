import { SeededRandom } from 'veltrix/simulator';

/** A treasure that everybody wants at the same moment. */
export interface Drop {
  readonly id: string;
  readonly stock: number;
  /** A claim only reserves it; it has to be collected, or goes to somebody else. */
  readonly isReserved: boolean;
}

/** What a round is played for. One round is one hunt, so that a hunt is published now and then. */
export interface ChaosHunt {
  readonly id: string;
  readonly source: string;
  readonly steps: readonly { readonly id: string; readonly answer: string }[];
  readonly drops: readonly Drop[];
}

/** What the proof counts with, by hand. */
export const scores = {
  points: [10, 20, 30, 40],
  bonus: 5,
  hintCost: 2,
  wrongDeducts: 1,
} as const;

/** How long a claim reserves what has to be collected. */
export const reservationMs = 8_000;

const dropsPerRound = 12;
const stockMost = 6;
const reservedEvery = 4;

/** The hunt of a round: the same seed and number give the same one. */
export function chaosHunt(seed: number, round: number): ChaosHunt {
  const random = new SeededRandom(seed, 1_000 + round);
  const id = `chaos-${round}`;
  const steps = scores.points.map((_, index) => ({
    id: `step-${index + 1}`,
    answer: `answer ${random.between(0, 1e6)}`,
  }));
  const drops = Array.from({ length: dropsPerRound }, (_, index) => ({
    id: `drop-${index + 1}`,
    stock: random.between(1, stockMost),
    isReserved: index % reservedEvery === reservedEvery - 1,
  }));
  const source = [
    `hunt: ${id}`,
    `title: Round ${round}`,
    'version: 1',
    'opens: 2026-01-01T00:00:00Z',
    'closes: 2036-01-01T00:00:00Z',
    'teams: { size: 2 }',
    'scoring:',
    '  ties: last-score',
    `  firstSolverBonus: ${scores.bonus}`,
    'wrongAnswers:',
    '  coolDown: 0s',
    `  deduct: ${scores.wrongDeducts}`,
    'steps:',
    ...steps.flatMap((step, index) => [
      `  - id: ${step.id}`,
      `    title: Step ${index + 1}`,
      `    points: ${scores.points[index]}`,
      `    answers: [${step.answer}]`,
      '    hints:',
      '      - text: Look twice.',
      `        cost: ${scores.hintCost}`,
    ]),
    'treasures:',
    ...drops.flatMap(({ id: drop, stock, isReserved }) => [
      `  - id: ${drop}`,
      `    title: ${drop}`,
      `    stock: ${stock}`,
      '    perTeam: 1',
      ...(isReserved ? [`    reservation: ${reservationMs / 1_000}s`] : []),
    ]),
  ];
  return { id, steps, drops, source: `${source.join('\n')}\n` };
}
