import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** What a script may be told: a flag, or what takes a value and has one unless told. */
type ScriptOption =
  | { readonly text: string }
  | { readonly text: string; readonly takes: string; readonly default: string };

/** A script that people call. */
export interface Script<Options> {
  /** How it is called, as `npm run release --`. */
  readonly command: string;
  /** What it does, one line. */
  readonly summary: string;
  readonly options: Options;
}

type Given<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends { takes: string } ? string : boolean;
};

/**
 * What the command line says. Ends the process where the script is not to run: with 0 for `--help`, which prints a line for
 * each option, and with 2 for what the script does not know, which is said in one line.
 */
export function readCommandLine<const Options extends Readonly<Record<string, ScriptOption>>>(
  script: Script<Options>,
): Given<Options> {
  try {
    const { help, ...given } = parseArgs({ options: configOf(script.options) }).values;
    if (help !== true) return given as Given<Options>;
    console.log(helpOf(script));
  } catch (error) {
    // Node goes on with advice, for commands that take more than ours.
    const [reason] = (error as Error).message.split(/\.\s/);
    console.error(`${reason}: ${usageOf(script)}`);
    process.exit(2);
  }
  process.exit(0);
}

function configOf(options: Readonly<Record<string, ScriptOption>>): ParseArgsOptionsConfig {
  const config = Object.entries(options).map(([name, option]) => {
    const isFlag = !('takes' in option);
    return [
      name,
      isFlag ? { type: 'boolean', default: false } : { type: 'string', default: option.default },
    ] as const;
  });
  return { ...Object.fromEntries(config), help: { type: 'boolean' } };
}

function spelt(name: string, option: ScriptOption): string {
  return 'takes' in option ? `--${name} ${option.takes}` : `--${name}`;
}

function usageOf({ command, options }: Script<Readonly<Record<string, ScriptOption>>>): string {
  const all = Object.entries(options).map(([name, option]) => `[${spelt(name, option)}]`);
  return [command, ...all].join(' ');
}

function helpOf(script: Script<Readonly<Record<string, ScriptOption>>>): string {
  const rows = Object.entries(script.options).map(([name, option]) => {
    const { text } = option;
    const unless = 'takes' in option ? `; ${option.default} unless told` : '';
    return [spelt(name, option), `${text}${unless}`] as const;
  });
  const all = [...rows, ['--help', 'says this'] as const];
  const width = Math.max(...all.map(([head]) => head.length));
  const lines = all.map(([head, text]) => `  ${head.padEnd(width)}  ${text}`);
  return [`${usageOf(script)}\n\n${script.summary}\n`, ...lines].join('\n');
}
