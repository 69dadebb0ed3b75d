import type { Terminal } from '../terminal/terminal.ts';

export interface MemoryTerminalOptions {
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A terminal that keeps what was written. */
export class MemoryTerminal implements Terminal {
  output = '';
  errors = '';
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string>>;

  constructor(options: MemoryTerminalOptions = {}) {
    this.outIsTerminal = options.isTerminal ?? false;
    this.errIsTerminal = options.isTerminal ?? false;
    this.columns = options.columns ?? 80;
    this.env = options.env ?? {};
  }

  out(text: string): void {
    this.output += text;
  }

  err(text: string): void {
    this.errors += text;
  }
}
