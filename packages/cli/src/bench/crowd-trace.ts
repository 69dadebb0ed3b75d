/** What a generated contest looks like. */
export interface CrowdOptions {
  readonly teams: number;
  readonly problems: number;
  readonly submissions: number;
  readonly seconds: number;
  /** The same seed gives the same trace. */
  readonly seed: number;
}

/** Share of all submissions that arrive in the last minute. */
const lastMinuteShare = 0.08;
/** Of the submissions after a team's first right answer to a problem, this share is right again. */
const rightAgainShare = 0.5;
/** Most submissions before a problem is solved for good, so that hard problems do not take all. */
const triesMost = 12;

interface Submission {
  readonly second: number;
  readonly team: number;
  readonly problem: number;
  readonly correct: boolean;
}

/**
 * Makes up a contest of the shape of real ones, as CSV `seconds,team,problem,verdict` in the order of
 * time: teams of very different strength, problems from easy to nearly impossible, a few quick wrong
 * answers in a row, a rush in the last minute, and some right answers repeated.
 */
export function crowdTrace(options: CrowdOptions): string {
  const { teams, problems, submissions, seconds } = options;
  const random = seededRandom(options.seed);
  const strength = Array.from({ length: teams }, () => random() ** 2);
  const difficulty = Array.from({ length: problems }, (_, problem) => (problem + 0.5) / problems);
  const solved = new Set<number>();
  const tries = new Map<number, number>();
  const rows = arrivalSeconds(submissions, seconds, random).map((second): Submission => {
    // Strong teams submit more; everybody prefers what is easy.
    const team = pickBy(random, teams, (one) => 0.2 + strength[one]!);
    const problem = Math.floor(random() ** 1.6 * problems);
    const key = team * problems + problem;
    const tried = tries.get(key) ?? 0;
    tries.set(key, tried + 1);
    const chance = solved.has(key)
      ? rightAgainShare
      : 0.08 + 0.75 * Math.max(0, strength[team]! - difficulty[problem]! * 0.8);
    const correct = random() < chance || tried >= triesMost;
    if (correct) solved.add(key);
    return { second, team, problem, correct };
  });
  const lines = rows.map(
    ({ second, team, problem, correct }) =>
      `${second},${teamName(team, teams)},${problemName(problem)},${correct ? 'correct' : 'wrong'}`,
  );
  return `seconds,team,problem,verdict\n${lines.join('\n')}\n`;
}

/** Sorted; a slow start, a steady middle and the rush at the end. */
function arrivalSeconds(count: number, seconds: number, random: () => number): number[] {
  const lastMinute = Math.max(0, seconds - 60);
  return Array.from({ length: count }, () => {
    if (random() < lastMinuteShare) {
      return lastMinute + Math.floor(random() ** 0.7 * (seconds - lastMinute));
    }
    return Math.floor(random() ** 0.8 * seconds);
  }).sort((one, other) => one - other);
}

/** By rejection; weights are from 0 to 1.2. */
function pickBy(random: () => number, count: number, weight: (index: number) => number): number {
  for (;;) {
    const index = Math.floor(random() * count);
    if (random() * 1.2 < weight(index)) return index;
  }
}

function teamName(team: number, teams: number): string {
  return `t${String(team + 1).padStart(Math.max(4, String(teams).length), '0')}`;
}

/** A, B … Z, AA, AB …, as spreadsheets name their columns. */
function problemName(problem: number): string {
  const letter = String.fromCharCode(65 + (problem % 26));
  return problem < 26 ? letter : problemName(Math.floor(problem / 26) - 1) + letter;
}

/** Mulberry32 (Tommy Ettinger, public domain): small, and the same on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
