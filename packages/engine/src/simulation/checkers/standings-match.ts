import { SimulationFailure } from 'veltrix/simulator';
import type { Views } from '../../views/views.ts';
import type { HuntModelChecker } from '../model/hunt-model.ts';
import type { TeamModel } from '../model/hunt-state.ts';

const name = 'standings-match';

/** The board shows every team of every hunt where the model, sorted as plainly as possible, has it. */
export async function checkStandings(views: Views, model: HuntModelChecker): Promise<void> {
  const hunts = new Map<string, { ties: string; teams: Map<string, TeamModel> }>();
  for (const partition of model.partitions) {
    for (const [id, { definition, teams }] of partition.hunts) {
      const hunt = hunts.get(id) ?? { ties: definition.ties, teams: new Map() };
      for (const [teamId, team] of teams) hunt.teams.set(teamId, team);
      hunts.set(id, hunt);
    }
  }
  for (const [id, { ties, teams }] of hunts) {
    const tie = (team: TeamModel) => (ties === 'penalty' ? team.penaltySeconds : team.lastScoreAt);
    const sorted = [...teams].sort(
      ([xId, x], [yId, y]) => y.points - x.points || tie(x) - tie(y) || (xId < yId ? -1 : 1),
    );
    const expected = sorted.map(([teamId, team]) => {
      const ahead = sorted.filter(
        ([, other]) =>
          other.points > team.points || (other.points === team.points && tie(other) < tie(team)),
      );
      return `${ahead.length + 1} ${teamId} ${team.points} ${team.penaltySeconds} ${team.lastScoreAt}`;
    });
    const found = (await views.standings(id, 0, 1_000)).map(
      ({ rank, teamId, points, penaltySeconds, lastScoreAt }) =>
        `${rank} ${teamId} ${points} ${penaltySeconds} ${lastScoreAt}`,
    );
    if (found.join() !== expected.join()) {
      throw new SimulationFailure(name, `${id} shows ${found}, should show ${expected}`);
    }
  }
}
