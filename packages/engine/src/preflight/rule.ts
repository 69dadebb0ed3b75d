import type { FactName, FactTable } from './facts.ts';

/** A value that does not go with another, and where it is said. */
export interface Compared {
  readonly what: string;
  readonly value: string;
  /** Who says so: a place of the settings, a file, a server, the machine. */
  readonly source: string;
}

/** Two values that disagree, and what would mend it. */
export interface Disagreement {
  readonly values: readonly [Compared, Compared];
  readonly change: string;
}

/** The facts that a rule sees. */
export type Known<Need extends FactName> = { readonly [Name in Need]: FactTable[Name] };

/** What has to hold between two things. Pure: it sees facts and nothing else. */
export interface Rule {
  /** Begins with `preflight-`; never used for anything else. */
  readonly id: string;
  /** What holds where all is well. */
  readonly title: string;
  /** `refuses` keeps a process from starting; `warns` is told. */
  readonly severity: 'refuses' | 'warns';
  /** Judged where all of these concern the deployment. */
  readonly needs: readonly FactName[];
  /** What happens when it is left so. */
  readonly why: string;
  /** What mends it, in general. */
  readonly remedy: string;
  /** Settings that `remedy` speaks of. */
  readonly settings?: readonly string[];
  /** What a part of the engine says of it at a start by itself, an error's id or words: then a start does not judge it twice. */
  readonly atStart?: string;
  check(facts: FactTable): Iterable<Disagreement>;
}

/** Lets a rule see the facts that it needs, and no others. */
export function defineRule<const Need extends FactName>(
  rule: Omit<Rule, 'needs' | 'check'> & {
    readonly needs: readonly Need[];
    check(facts: Known<Need>): Iterable<Disagreement>;
  },
): Rule {
  return rule as Rule;
}
