/** Where a command reads its surroundings and writes its results; a test gives its own. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width for texts: of the terminal, else what the variable COLUMNS says, else 80. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function processTerminal(): Terminal {
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    // The terminal is gone, of which SIGHUP tells: what runs comes to its end.
    if (error.code === 'EIO') return;
    throw error;
  });
  // Nobody is left to be told, as on a full disk; the exit code still tells.
  process.stderr.on('error', () => {});
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? columnsOf(process.env['COLUMNS']),
    env: process.env,
  };
}

function columnsOf(variable = ''): number {
  return /^[1-9]\d{0,3}$/.test(variable) ? Number(variable) : 80;
}

const codes = { bold: 1, red: 31, yellow: 33, cyan: 36, dim: 2 } as const;

/** Colours a text for the error stream or the output, where that is a terminal and NO_COLOR is not set. */
export function painter(terminal: Terminal, stream: 'out' | 'err') {
  const isTerminal = stream === 'out' ? terminal.outIsTerminal : terminal.errIsTerminal;
  const colourful = isTerminal && !terminal.env['NO_COLOR'] && terminal.env['TERM'] !== 'dumb';
  return (colour: keyof typeof codes, text: string): string =>
    colourful ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text;
}
