import type { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Flag } from './flag.ts';

// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of every type; readers get each one's own.
export type FlagTable = Readonly<Record<string, Flag<any>>>;

export type FlagValues<Flags extends FlagTable> = {
  readonly [Name in keyof Flags]: Flags[Name] extends Flag<infer Value> ? Value : never;
};

interface Invocation<Flags extends FlagTable> {
  readonly flags: FlagValues<Flags>;
  /** What stands on the command line without a flag. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
}

/** A command: everything that parsing and help need to know, in one table. */
export interface Command<Flags extends FlagTable> {
  /** One word, or two: those of a group have its name first. */
  readonly name: string;
  /** One line, as in the list of commands. */
  readonly summary: string;
  /** What may stand without a flag; nothing when left out. Any number of them unless `most` is told. */
  readonly args?: {
    readonly placeholder: string;
    readonly text: string;
    readonly least: number;
    readonly most?: number;
  };
  /** By name in camel case; `killEvery` is `--kill-every`. */
  readonly flags: Flags;
  /** Paragraphs that follow the flags in help. */
  readonly notes?: readonly string[];
  run(invocation: Invocation<Flags>): Promise<ExitCode>;
}

/** Lets the types of the flags follow from the table. */
export function defineCommand<const Flags extends FlagTable>(
  command: Command<Flags>,
): Command<Flags> {
  return command;
}

export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
