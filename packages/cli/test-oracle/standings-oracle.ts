/**
 * A contest's standings straight from its CSV, after the rules of ICPC; shares nothing with the
 * engine. Reads plain CSV only: no quotes. Returns the text of a standings file.
 */
export function standingsOracle(csv: string): string {
  const teams = new Map<string, Map<string, { wrong: number; solvedAt: number | undefined }>>();
  for (const line of csv.trim().split(/\r?\n/).slice(1)) {
    const [seconds, team, problem, verdict] = line.split(',') as [string, string, string, string];
    if (!teams.has(team)) teams.set(team, new Map());
    const problems = teams.get(team)!;
    if (!problems.has(problem)) problems.set(problem, { wrong: 0, solvedAt: undefined });
    const state = problems.get(problem)!;
    if (state.solvedAt !== undefined) continue;
    if (verdict === 'correct') state.solvedAt = Math.floor(Number(seconds));
    else state.wrong += 1;
  }
  const rows = [...teams].map(([team, problems]) => {
    const solved = [...problems.values()].filter(({ solvedAt }) => solvedAt !== undefined);
    const penalty = solved.reduce((sum, { wrong, solvedAt }) => sum + solvedAt! + 1200 * wrong, 0);
    return { team, points: solved.length, penalty };
  });
  rows.sort((x, y) => y.points - x.points || x.penalty - y.penalty || (x.team < y.team ? -1 : 1));
  let rank = 0;
  const lines = rows.map(({ team, points, penalty }, index) => {
    const before = rows[index - 1];
    if (before?.points !== points || before.penalty !== penalty) rank = index + 1;
    return `${rank},${team},${points},${penalty}`;
  });
  return `${['rank,team,points,penaltySeconds', ...lines].join('\n')}\n`;
}
