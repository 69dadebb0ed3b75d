import type { HuntDefinition, PublishedHunt, Requirement } from '@hunt/rules';

/** A team as plain objects. */
export interface TeamModel {
  points: number;
  penaltySeconds: number;
  lastScoreAt: number;
  readonly members: string[];
  readonly steps: Map<number, StepModel>;
  readonly treasures: Map<number, TreasureModel>;
}

interface StepModel {
  solved: boolean;
  wrong: number;
  /** Milliseconds since the epoch. */
  coolUntil: number;
  readonly hints: Set<number>;
}

interface TreasureModel {
  held: number;
  pending: number;
  reserved: boolean;
}

/** Of a treasure or bonus: how many are granted, and which reservations (number to team) stand. */
interface StockModel {
  granted: number;
  readonly reserved: Map<number, string>;
}

export interface HuntModel {
  definition: HuntDefinition;
  accepted: readonly (readonly string[])[];
  /** Room for steps and treasures, fixed by the first version. */
  readonly capacity: { readonly steps: number; readonly treasures: number };
  readonly teams: Map<string, TeamModel>;
  readonly stock: Map<number, StockModel>;
  readonly players: Map<string, { readonly team: string; joined: boolean }>;
}

export function newHunt({ definition, accepted }: PublishedHunt): HuntModel {
  const { steps, treasures } = definition;
  const used = steps.length + treasures.length;
  const total = Math.ceil((used + 1) / 8) * 8;
  const spareSteps = Math.ceil((total - used) / 2);
  const capacity = { steps: steps.length + spareSteps, treasures: 0 };
  capacity.treasures = total - capacity.steps;
  const [teams, stock, players] = [new Map(), new Map(), new Map()];
  return { definition, accepted, capacity, teams, stock, players };
}

export function newTeam(): TeamModel {
  const none = { points: 0, penaltySeconds: 0, lastScoreAt: 0 };
  return { ...none, members: [], steps: new Map(), treasures: new Map() };
}

function getOrMake<Value>(map: Map<number, Value>, key: number, make: () => Value): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

export function stepOf(team: TeamModel, step: number): StepModel {
  return getOrMake(team.steps, step, () => ({
    ...{ solved: false, wrong: 0, coolUntil: 0, hints: new Set<number>() },
  }));
}

export function treasureOf(team: TeamModel, item: number): TreasureModel {
  return getOrMake(team.treasures, item, () => ({ held: 0, pending: 0, reserved: false }));
}

export function stockOf(hunt: HuntModel, item: number): StockModel {
  return getOrMake(hunt.stock, item, () => ({ granted: 0, reserved: new Map() }));
}

export function score(team: TeamModel, points: number, at: number): void {
  team.points += points;
  team.lastScoreAt = Math.max(team.lastScoreAt, at);
}

export function isMet(requirement: Requirement | null, team: TeamModel): boolean {
  if (!requirement) return true;
  const met = requirement.items.filter((item) =>
    typeof item === 'number' ? stepOf(team, item).solved : isMet(item, team),
  );
  return met.length >= requirement.count;
}
