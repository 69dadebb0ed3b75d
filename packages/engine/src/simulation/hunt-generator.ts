import type { HuntDefinition, PublishedHunt, Requirement } from '@hunt/rules';
import { type SeededRandom, simulatedEpoch } from 'veltrix/simulator';

type Step = HuntDefinition['steps'][number];
type Treasure = HuntDefinition['treasures'][number];

/** Draws a hunt with everything the language has, small enough that its corners are met. */
export function drawHunt(random: SeededRandom, name: string): PublishedHunt {
  const opensAt = simulatedEpoch + random.pick([-60_000, -60_000, 0, 150]);
  const closesAt = random.chance(0.8) ? opensAt + 86_400_000 : opensAt + random.between(500, 1_500);
  const steps = Array.from({ length: random.between(2, 6) }, (_, index) => drawStep(random, index));
  const treasures = Array.from({ length: random.between(1, 3) }, (_, index) =>
    drawTreasure(random, index, steps.length),
  );
  return published(random, {
    ...{ id: name, title: name, version: 1, opensAt, closesAt },
    teamSize: random.pick([1, 1, 2, 3]),
    ties: random.pick(['last-score', 'penalty']),
    steps,
    treasures,
  });
}

/** A later version: mostly one that may follow, sometimes one that may not. */
export function drawVersion(random: SeededRandom, before: PublishedHunt): PublishedHunt {
  const { definition, accepted } = before;
  const steps: Step[] = definition.steps.map((step) =>
    random.chance(0.3)
      ? { ...step, points: random.between(0, 9), bonus: random.pick([0, 4]) }
      : step,
  );
  const treasures: Treasure[] = definition.treasures.map((treasure) =>
    random.chance(0.3) ? { ...treasure, stock: treasure.stock + random.between(0, 2) } : treasure,
  );
  const change = random.between(0, 7);
  if (change <= 1) steps.push(drawStep(random, steps.length));
  else if (change === 2) treasures.push(drawTreasure(random, treasures.length, steps.length));
  else if (change === 3) steps.pop();
  else if (change === 4) {
    for (let index = 0; index < 9; index++) steps.push(drawStep(random, steps.length));
  }
  const next = published(random, {
    ...definition,
    version: definition.version + random.pick([-1, 0, 1, 1, 1, 1]),
    teamSize: random.chance(0.1) ? definition.teamSize + 1 : definition.teamSize,
    steps,
    treasures,
  });
  return { ...next, accepted: next.accepted.map((hashes, index) => accepted[index] ?? hashes) };
}

function published(
  random: SeededRandom,
  definition: Omit<HuntDefinition, 'contentHash'>,
): PublishedHunt {
  const hex = (bytes: number) => Buffer.from(random.bytes(bytes)).toString('hex');
  return {
    definition: { ...definition, contentHash: hex(32) },
    accepted: definition.steps.map(({ kind }) => {
      if (kind === 'place') return [];
      return kind === 'scan' ? [hex(16)] : [hex(16), hex(16)];
    }),
  };
}

function drawStep(random: SeededRandom, index: number): Step {
  const kind = random.pick(['answer', 'answer', 'scan', 'place'] as const);
  return {
    ...{ id: `s${index}`, title: '', clue: '', kind, answers: [], scanCode: null },
    points: random.between(0, 9),
    bonus: random.pick([0, 0, 5]),
    wrongPenaltySeconds: random.pick([0, 20]),
    coolDownMs: random.pick([0, 0, 30, 1_500]),
    deduct: random.pick([0, 0, 1]),
    requires: index > 0 && random.chance(0.4) ? drawRequirement(random, index, 0) : null,
    hints: Array.from({ length: random.between(0, 2) }, () => ({
      text: '',
      cost: random.between(0, 3),
    })),
    place:
      kind !== 'place'
        ? null
        : {
            ...{ latitudeE7: 0, longitudeE7: 0, latitudeUnitNm: 1, longitudeUnitNm: 1 },
            ...{ radiusMeters: 50, accuracyLimitMeters: 100 },
          },
  };
}

function drawTreasure(random: SeededRandom, index: number, steps: number): Treasure {
  return {
    ...{ id: `t${index}`, title: '' },
    stock: random.between(1, 4),
    perTeam: random.between(1, 3),
    reservationMs: random.chance(0.5) ? 0 : random.between(20, 600),
    requires: random.chance(0.3) ? drawRequirement(random, steps, 0) : null,
  };
}

/** Over steps numbered below `below`. */
function drawRequirement(random: SeededRandom, below: number, depth: number): Requirement {
  const items = Array.from({ length: random.between(1, 3) }, () =>
    depth < 2 && random.chance(0.2)
      ? drawRequirement(random, below, depth + 1)
      : random.between(0, below - 1),
  );
  const kind = random.pick(['all', 'any', 'atLeast'] as const);
  const count =
    kind === 'all' ? items.length : kind === 'any' ? 1 : random.between(1, items.length);
  return { kind, count, items };
}
