import { fileKey, numberOf, setting } from './amount.ts';
import type { FactName, SettingFacts } from './facts.ts';
import { type Compared, defineRule, type Known, type Rule } from './rule.ts';

/** A number as one of two values. NaN where a server does not tell it: then it is let be. */
export interface Figure extends Compared {
  readonly amount: number;
}

type FigurePair = readonly [one: Figure, other: Figure];

/** What the first of two figures has to be, and when it is not. */
const isBroken = {
  above: (one: number, other: number) => one <= other,
  below: (one: number, other: number) => one >= other,
  'at least': (one: number, other: number) => one < other,
  'at most': (one: number, other: number) => one > other,
};
type Must = keyof typeof isBroken;

/** A rule that holds figures against each other: the first of each pair has to be so to the second. */
export function figureRule<const Need extends FactName>(
  rule: Omit<Rule, 'needs' | 'check'> & {
    readonly needs: readonly Need[];
    readonly must: Must;
    readonly pairs: (facts: Known<Need>) => readonly FigurePair[];
    readonly change: (...pair: FigurePair) => string;
  },
): Rule {
  const { must, pairs, change, ...words } = rule;
  return defineRule<Need>({
    ...words,
    *check(facts) {
      for (const [one, other] of pairs(facts)) {
        if (!isBroken[must](one.amount, other.amount)) continue;
        yield { values: [compared(one), compared(other)], change: change(one, other) };
      }
    },
  });
}

/** A rule between two settings, which warns: the first has to be so to the second. */
export function settingsRule({
  needs = [],
  settings: names,
  must,
  ...words
}: Pick<Rule, 'id' | 'title' | 'why' | 'remedy'> & {
  /** Besides the settings. */
  readonly needs?: readonly FactName[];
  readonly settings: readonly [one: string, other: string];
  readonly must: 'below' | 'at least' | 'at most';
}): Rule {
  const [one, other] = names;
  return figureRule({
    ...{ ...words, severity: 'warns', settings: names, needs: ['settings', ...needs], must },
    pairs: ({ settings }) => [[settingFigure(settings, one), settingFigure(settings, other)]],
    change: (_, { value }) =>
      `Set ${one} ${must === 'below' ? `below ${value}` : `to ${value} ${must}`}.`,
  });
}

export function settingFigure(settings: SettingFacts, name: string): Figure {
  return { ...setting(settings, name), amount: numberOf(settings, name) };
}

export function fileFigure(what: string, amount: number): Figure {
  return { ...fileKey(what, amount), amount };
}

function compared({ what, value, source }: Figure): Compared {
  return { what, value, source };
}
