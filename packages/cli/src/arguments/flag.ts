import { cliErrors } from '../errors.ts';

/** One flag of a command: what it takes, what help says of it, and how its text becomes a value. */
export interface Flag<Value> {
  /** Stands for the value in help; a switch has none. */
  readonly placeholder?: string;
  readonly text: string;
  /** Shown in help. */
  readonly fallback?: string;
  readonly required?: true;
  /** `given` holds the values in the order given, the empty text for each switch. */
  read(given: readonly string[], flag: string): Value;
}

export function switchFlag(text: string): Flag<boolean> {
  return { text, read: (given) => given.length > 0 };
}

export function textFlag(placeholder: string, text: string): Flag<string | undefined> {
  return { placeholder, text, read: (given) => given.at(-1) };
}

export function textFlagOr(placeholder: string, text: string, fallback: string): Flag<string> {
  return { placeholder, text, fallback, read: (given) => given.at(-1) ?? fallback };
}

/** Parsing refuses the command line before `read` when it is not given. */
export function requiredTextFlag(placeholder: string, text: string): Flag<string> {
  return { placeholder, text, required: true, read: (given) => given.at(-1)! };
}

export function textsFlag(placeholder: string, text: string): Flag<readonly string[]> {
  return { placeholder, text, read: (given) => given };
}

interface Range {
  readonly least: number;
  readonly most: number;
  /** Fractions are refused unless told. */
  readonly fractions?: true;
}

export function numberFlag(
  placeholder: string,
  text: string,
  range: Range,
): Flag<number | undefined> {
  return {
    placeholder,
    text,
    read: (given, flag) => {
      const last = given.at(-1);
      return last === undefined ? undefined : readNumber(last, flag, range);
    },
  };
}

export function numberFlagOr(
  placeholder: string,
  text: string,
  range: Range,
  fallback: number,
): Flag<number> {
  const optional = numberFlag(placeholder, text, range);
  return {
    ...optional,
    fallback: String(fallback),
    read: (given, flag) => optional.read(given, flag) ?? fallback,
  };
}

/** A number, or the word `max`, which stands for infinity. */
export function speedFlag(placeholder: string, text: string): Flag<number> {
  const range: Range = { least: 0.001, most: 1_000_000, fractions: true };
  return {
    placeholder,
    text,
    fallback: 'max',
    read: (given, flag) => {
      const last = given.at(-1) ?? 'max';
      return last === 'max' ? Number.POSITIVE_INFINITY : readNumber(last, flag, range);
    },
  };
}

/** One of some words. */
export function choiceFlag<Choice extends string>(
  choices: readonly Choice[],
  text: string,
  fallback: Choice,
): Flag<Choice> {
  return {
    placeholder: choices.join('|'),
    text,
    fallback,
    read: (given, flag) => {
      const found = given.at(-1) ?? fallback;
      const choice = choices.find((one) => one === found);
      if (choice !== undefined) return choice;
      throw cliErrors.create('cli-flag-value-invalid', {
        flag,
        expected: choices.join(' or '),
        found,
      });
    },
  };
}

function readNumber(found: string, flag: string, { least, most, fractions }: Range): number {
  const value = Number(found);
  const wellFormed = fractions ? /^\d+(\.\d+)?$/ : /^\d+$/;
  if (wellFormed.test(found) && value >= least && value <= most) return value;
  throw cliErrors.create('cli-flag-value-invalid', {
    flag,
    expected: `a ${fractions ? '' : 'whole '}number from ${least} to ${most}`,
    found,
  });
}
