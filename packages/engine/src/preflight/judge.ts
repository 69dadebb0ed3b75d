import { type FactName, type Facts, type FactTable, factTitles } from './facts.ts';
import type { Disagreement, Rule } from './rule.ts';

/** A rule that does not hold. */
export interface Finding extends Disagreement {
  readonly id: string;
  readonly severity: Rule['severity'];
  readonly title: string;
  /** Further ones of the same rule that are not listed. */
  readonly others: number;
}

export interface PreflightReport {
  /** What refuses a start first. */
  readonly findings: readonly Finding[];
  /** Ids of the rules that were judged. */
  readonly checked: readonly string[];
  /** What could not be asked, why, and the rules that were not judged for it. */
  readonly unasked: readonly {
    readonly what: string;
    readonly reason: string;
    readonly rules: readonly string[];
  }[];
}

/** Of one rule; a log may have thousands of partitions. */
const findingsPerRule = 8;

/** A server that answers and does not want us: no waiting helps. Not judged like the others: there are no facts. */
export const serverRefusesRule: Rule = {
  id: 'preflight-server-refuses',
  title: 'Servers answer as the engine needs it',
  severity: 'refuses',
  needs: [],
  why: 'Credentials are wrong, another program answers at the address, or the server is too old.',
  remedy: 'See what the server says in the finding, and mend the address or the credentials.',
  atStart: 'the error that the finding names',
  *check() {},
};

/** Holds the rules against what is known; never throws for what is not. */
export function judge(rules: readonly Rule[], facts: Facts): PreflightReport {
  const findings: Finding[] = [];
  const checked: string[] = [];
  const skipped = new Map<FactName, string[]>();
  for (const rule of rules) {
    if (rule === serverRefusesRule) {
      if (facts.cluster === undefined) continue;
      findings.push(...refusals(facts));
      checked.push(rule.id);
      continue;
    }
    if (rule.needs.some((name) => facts[name] === undefined)) continue;
    const unknown = rule.needs.find((name) => !isKnown(facts, name));
    if (unknown === undefined) {
      checked.push(rule.id);
      findings.push(...findingsOf(rule, knownOf(facts)));
    } else skipped.set(unknown, [...(skipped.get(unknown) ?? []), rule.id]);
  }
  const byWeight = (one: Finding, other: Finding) => weight(one) - weight(other);
  return { findings: findings.sort(byWeight), checked, unasked: unaskedOf(facts, skipped) };
}

function weight({ severity }: Finding): number {
  return severity === 'refuses' ? 0 : 1;
}

function isKnown(facts: Facts, name: FactName): boolean {
  const fact = facts[name];
  return fact !== undefined && 'value' in fact;
}

function knownOf(facts: Facts): FactTable {
  const known = Object.entries(facts).flatMap(([name, fact]) =>
    'value' in fact ? [[name, fact.value]] : [],
  );
  return Object.fromEntries(known);
}

function findingsOf(rule: Rule, facts: FactTable): Finding[] {
  const { id, severity, title } = rule;
  const all = [...rule.check(facts)];
  const others = Math.max(0, all.length - findingsPerRule);
  return all
    .slice(0, findingsPerRule)
    .map((one, index) => ({ id, severity, title, ...one, others: index === 0 ? others : 0 }));
}

function unaskedOf(
  facts: Facts,
  skipped: ReadonlyMap<FactName, readonly string[]>,
): PreflightReport['unasked'] {
  return [...skipped].map(([name, rules]) => {
    const fact = facts[name];
    const reason = fact !== undefined && 'unasked' in fact ? fact.unasked : '';
    return { what: factTitles[name], reason, rules };
  });
}

/** Several facts may come from the same server, which says the same each time. */
function refusals(facts: Facts): Finding[] {
  const { id, severity, title } = serverRefusesRule;
  const reasons = new Map<string, FactName>();
  for (const [name, fact] of Object.entries(facts)) {
    if ('unasked' in fact && fact.refused && !reasons.has(fact.unasked)) {
      reasons.set(fact.unasked, name as FactName);
    }
  }
  return [...reasons].map(([reason, name]) => ({
    ...{ id, severity, title, others: 0 },
    values: [
      { what: factTitles[name], value: reason, source: 'the server' },
      { what: 'the engine needs', value: 'an answer', source: 'the engine' },
    ],
    change: 'Mend what the server says, or the address or the credentials in the cluster file.',
  }));
}
