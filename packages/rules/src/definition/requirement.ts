/**
 * A condition over solved steps, in a form that is quick to judge: met when at least `count` of `items`
 * are, an item being a step number or a requirement again. `kind` keeps the form the organiser chose
 * (`all`: count is the number of items; `any`: count is 1) for showing it to people.
 */
export interface Requirement {
  readonly kind: 'all' | 'any' | 'atLeast';
  readonly count: number;
  readonly items: readonly (number | Requirement)[];
}

/** Whether `requirement` is met; null is. Allocates nothing and stops as soon as the result is known. */
export function requirementMet(
  requirement: Requirement | null,
  solved: (step: number) => boolean,
): boolean {
  if (requirement === null) return true;
  const { items } = requirement;
  let missing = requirement.count;
  for (let index = 0; missing > 0 && missing <= items.length - index; index++) {
    const item = items[index]!;
    if (typeof item === 'number' ? solved(item) : requirementMet(item, solved)) missing--;
  }
  return missing <= 0;
}

/** Calls `visit` for each step number in `requirement`, repeats included, in the order written. */
export function visitSteps(requirement: Requirement | null, visit: (step: number) => void): void {
  for (const item of requirement?.items ?? []) {
    if (typeof item === 'number') visit(item);
    else visitSteps(item, visit);
  }
}
