import { parseArgs } from 'node:util';
import { cliErrors } from '../errors.ts';
import { type Command, type FlagTable, type FlagValues, flagName } from './command.ts';

export interface ParsedArguments<Flags extends FlagTable> {
  readonly flags: FlagValues<Flags>;
  readonly args: readonly string[];
}

/**
 * Reads what follows the command's name. Throws cli-flag-unknown with the nearest name,
 * cli-flag-value-missing, cli-flag-value-invalid, cli-flag-missing, cli-argument-missing,
 * cli-argument-unexpected.
 */
export async function parseArguments<Flags extends FlagTable>(
  command: Command<Flags>,
  argv: readonly string[],
): Promise<ParsedArguments<Flags>> {
  const names = new Map(Object.keys(command.flags).map((name) => [flagName(name), name]));
  const given = new Map<string, string[]>();
  const args: string[] = [];
  for (const token of tokensOf(command, argv)) {
    if (token.kind === 'positional') args.push(token.value);
    if (token.kind !== 'option') continue;
    const name = names.get(token.rawName);
    if (name === undefined) throw await unknownFlag(command, token.rawName, names.keys());
    const values = given.get(name) ?? [];
    given.set(name, values);
    values.push(readValue(command, name, token));
  }
  checkArguments(command, args);
  const flags: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(command.flags)) {
    const values = given.get(name) ?? [];
    if (flag.required && values.length === 0) {
      const details = { command: command.name, flag: `${flagName(name)} ${flag.placeholder}` };
      throw cliErrors.create('cli-flag-missing', details);
    }
    flags[name] = flag.read(values, flagName(name));
  }
  return { flags: flags as FlagValues<Flags>, args };
}

function tokensOf(command: Command<FlagTable>, argv: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, { placeholder }]) => [
      flagName(name).slice(2),
      { type: placeholder === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  // Not strict: its messages have no ids and know no nearest name.
  const parsed = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  return parsed.tokens;
}

function readValue(
  command: Command<FlagTable>,
  name: string,
  token: { readonly value: string | undefined; readonly inlineValue: boolean | undefined },
): string {
  const isSwitch = command.flags[name]!.placeholder === undefined;
  const { value, inlineValue } = token;
  if (isSwitch && value === undefined) return '';
  if (isSwitch) {
    const details = { flag: flagName(name), expected: 'given without a value', found: value! };
    throw cliErrors.create('cli-flag-value-invalid', details);
  }
  if (value === undefined || value === '' || (value.startsWith('--') && !inlineValue)) {
    throw cliErrors.create('cli-flag-value-missing', { flag: flagName(name) });
  }
  return value;
}

async function unknownFlag(
  command: Command<FlagTable>,
  flag: string,
  names: Iterable<string>,
): Promise<Error> {
  const meant = await meantName(flag, names);
  return cliErrors.create('cli-flag-unknown', { command: command.name, flag, meant });
}

/** Ready to follow a message: `; did you mean "…"?`, or nothing. */
export async function meantName(name: string, names: Iterable<string>): Promise<string> {
  const { nearestName } = await import('veltrix');
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function checkArguments(command: Command<FlagTable>, args: readonly string[]): void {
  const { name, args: takes } = command;
  const [first] = args;
  if (takes === undefined && first !== undefined) {
    throw cliErrors.create('cli-argument-unexpected', { command: name, argument: first });
  }
  const surplus = args[takes?.most ?? args.length];
  if (takes !== undefined && surplus !== undefined) {
    throw cliErrors.create('cli-argument-unexpected', { command: name, argument: surplus });
  }
  if (takes !== undefined && args.length < takes.least) {
    throw cliErrors.create('cli-argument-missing', {
      command: name,
      argument: `${takes.most === undefined ? 'at least one ' : ''}${takes.placeholder}`,
    });
  }
}
