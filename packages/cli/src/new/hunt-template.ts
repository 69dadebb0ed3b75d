export interface TemplateOptions {
  readonly id: string;
  readonly title: string;
  /** RFC 3339. */
  readonly opens: string;
  readonly closes: string;
}

/** A small hunt to start from, with every part that most hunts need. It compiles as it is. */
export function huntTemplate({ id, title, opens, closes }: TemplateOptions): string {
  return `# Check it with "hunt check", then run it with "hunt serve --hunt FILE".
hunt: ${JSON.stringify(id)}
title: ${JSON.stringify(title)}
version: 1
opens: ${opens}
closes: ${closes}
# "solo" when everybody plays alone.
teams: { size: 4 }
scoring:
  # Equal points are ordered by who scored last; "penalty" orders by total penalty time.
  ties: last-score
wrongAnswers:
  coolDown: 10s
  deduct: 0

steps:
  - id: start
    title: The start
    clue: What has hands and cannot clap?
    points: 10
    answers: [clock, a clock]
    hints:
      - text: It hangs on the wall.
        cost: 2

  - id: poster
    title: The poster
    clue: Scan the code on the poster at the gate.
    points: 15
    scan:
      code: change-this-secret
    requires: start

  - id: square
    title: The square
    clue: Stand where all the ways meet.
    points: 20
    place:
      latitude: 47.376887
      longitude: 8.541694
      radius: 50m
      accuracyLimit: 100m
    requires: start

treasures:
  - id: first-prize
    title: The first prize
    stock: 10
    perTeam: 1
    requires:
      all: [poster, square]
`;
}
