/** How many steps of each kind a hunt made for load has. */
export interface LoadHuntSteps {
  readonly riddles: number;
  /** So many riddles open one after another; the chains are open side by side. */
  readonly chain: number;
  readonly posters: number;
  readonly places: number;
}

/** A crowd has several steps open, as people have. */
const usualSteps: LoadHuntSteps = { riddles: 24, chain: 4, posters: 4, places: 4 };

/** The hunt of scenarios that name none: something of everything, nothing that slows players down. */
export function loadHuntYaml(changes: Partial<LoadHuntSteps> = {}): string {
  const { riddles, chain, posters, places } = { ...usualSteps, ...changes };
  const lines = [
    'hunt: load',
    'title: Made for load',
    'version: 1',
    'opens: 2026-01-01T00:00:00Z',
    'closes: 2096-01-01T00:00:00Z',
    'teams: { size: 4 }',
    'steps:',
  ];
  for (let number = 1; number <= riddles; number++) {
    lines.push(
      `  - id: riddle-${number}`,
      `    title: Riddle ${number}`,
      '    points: 10',
      `    answers: [right ${number}]`,
      `    hints: [{ text: "It is right ${number}.", cost: 1 }]`,
    );
    if ((number - 1) % chain !== 0) lines.push(`    requires: riddle-${number - 1}`);
  }
  for (let number = 1; number <= posters; number++) {
    lines.push(
      `  - { id: poster-${number}, title: Poster ${number}, points: 5, scan: { code: p${number} } }`,
    );
  }
  for (let number = 1; number <= places; number++) {
    const place = `{ latitude: 47.${370 + number}, longitude: 8.54, radius: 50m }`;
    lines.push(`  - { id: place-${number}, title: Place ${number}, points: 5, place: ${place} }`);
  }
  lines.push(
    'treasures:',
    '  - { id: coin, title: Coin, stock: 1000 }',
    '  - { id: dinner, title: Dinner, stock: 5 }',
  );
  return `${lines.join('\n')}\n`;
}
