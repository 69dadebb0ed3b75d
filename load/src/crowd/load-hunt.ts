const steps = 24;
const posters = 4;
const places = 4;

/** The hunt of scenarios that name none: something of everything, nothing that slows players down. */
export function loadHuntYaml(): string {
  const lines = [
    'hunt: load',
    'title: Made for load',
    'version: 1',
    'opens: 2026-01-01T00:00:00Z',
    'closes: 2096-01-01T00:00:00Z',
    'teams: { size: 4 }',
    'steps:',
  ];
  for (let number = 1; number <= steps; number++) {
    lines.push(
      `  - id: riddle-${number}`,
      `    title: Riddle ${number}`,
      '    points: 10',
      `    answers: [right ${number}]`,
      `    hints: [{ text: "It is right ${number}.", cost: 1 }]`,
    );
    // Chains of four: a crowd has several steps open, as people have.
    if (number % 4 !== 1) lines.push(`    requires: riddle-${number - 1}`);
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
