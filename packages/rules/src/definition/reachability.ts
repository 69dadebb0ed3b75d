import { type Requirement, requirementMet, visitSteps } from './requirement.ts';

/** Steps that a team can open when it solves all it can, by what each requires. */
export function reachableSteps(requirements: readonly (Requirement | null)[]): Set<number> {
  const reachable = new Set<number>();
  const solved = (step: number): boolean => reachable.has(step);
  for (let before = -1; before < reachable.size; ) {
    before = reachable.size;
    for (const [step, requirement] of requirements.entries()) {
      if (!reachable.has(step) && requirementMet(requirement, solved)) reachable.add(step);
    }
  }
  return reachable;
}

/**
 * Groups of unreachable steps that wait for each other, each in ascending order: the strongly connected
 * parts of the graph of what they require. A circle that can be entered another way is not among them.
 */
export function blockedCycles(
  requirements: readonly (Requirement | null)[],
  reachable: ReadonlySet<number>,
): number[][] {
  const blocked = [...requirements.keys()].filter((step) => !reachable.has(step));
  const before = new Map(blocked.map((step) => [step, stepsBefore(step, requirements, reachable)]));
  const grouped = new Set<number>();
  const cycles: number[][] = [];
  for (const step of blocked) {
    const ahead = before.get(step)!;
    if (grouped.has(step) || !ahead.has(step)) continue;
    const cycle = [...ahead].filter((other) => before.get(other)!.has(step));
    for (const member of cycle) grouped.add(member);
    cycles.push(cycle.toSorted((left, right) => left - right));
  }
  return cycles;
}

/** Unreachable steps that `from` requires, directly or through others; `from` itself when in a circle. */
function stepsBefore(
  from: number,
  requirements: readonly (Requirement | null)[],
  reachable: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>();
  const waiting = [from];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    visitSteps(requirements[step] ?? null, (next) => {
      if (reachable.has(next) || found.has(next)) return;
      found.add(next);
      waiting.push(next);
    });
  }
  return found;
}
