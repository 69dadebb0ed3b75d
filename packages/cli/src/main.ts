import { exitCode } from './exit-code.ts';
import { processTerminal, type Terminal } from './terminal/terminal.ts';

/** How long what a command left open may keep its process alive. */
const lingerMs = 1_000;

/** The `hunt` command. Sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, processTerminal());
  // The driver of Cassandra forgets a socket where it could not connect as it was told to.
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** Runs one command line; returns its exit code and never throws. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await runCommand(argv, terminal);
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, argv.includes('--json'), terminal);
  }
}

async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  // "hunt help serve" is "hunt serve --help".
  const words = argv[0] === 'help' && argv[1] ? [...argv.slice(1, 3), '--help'] : argv;
  const [first] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const { overview } = await import('./overview.ts');
    if (first !== undefined) terminal.out(overview(terminal.columns));
    else terminal.err(overview(terminal.columns));
    return first === undefined ? exitCode.usage : exitCode.ok;
  }
  if (first === '--version') {
    const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
    terminal.out(`${manifest.version}\n`);
    return exitCode.ok;
  }
  const { commandName, commands } = await import('./commands.ts');
  const name = commandName(words);
  if (name === undefined) return noCommand(words, terminal);
  const rest = words.slice(name.split(' ').length);
  const command = await commands[name]!.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    const { commandHelp } = await import('./arguments/help.ts');
    terminal.out(commandHelp(command, terminal.columns));
    return exitCode.ok;
  }
  const { parseArguments } = await import('./arguments/parse.ts');
  return command.run({ ...(await parseArguments(command, rest)), terminal });
}

/** A group by itself is answered with what is in it. */
async function noCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first = '', second] = words;
  const { commands, isGroup } = await import('./commands.ts');
  const isAsked = second === '--help' || second === '-h';
  if (!isGroup(first) || (second !== undefined && !isAsked)) {
    const name = isGroup(first) ? `${first} ${second}` : first;
    throw await unknownCommand(name, Object.keys(commands));
  }
  const { overview } = await import('./overview.ts');
  const text = overview(terminal.columns, first);
  if (isAsked) terminal.out(text);
  else terminal.err(text);
  return isAsked ? exitCode.ok : exitCode.usage;
}

async function unknownCommand(command: string, names: readonly string[]): Promise<Error> {
  const { meantName } = await import('./arguments/parse.ts');
  const { cliErrors } = await import('./errors.ts');
  const meant = await meantName(command, names);
  return cliErrors.create('cli-command-unknown', { command, meant });
}
