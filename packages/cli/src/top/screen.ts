/** Of a terminal: what keys are read from. */
export interface ScreenInput {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(event: 'data', listener: (keys: Buffer) => void): unknown;
  off(event: 'data', listener: (keys: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Of a terminal: what is drawn on. */
export interface ScreenOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Another buffer than that of the shell, without the cursor; and back. */
const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
const interruptKey = '\x03';

/**
 * Takes the whole terminal, and gives it back as it was: also when the process ends by a fault or a signal.
 * Made once for each view; `close` may be called again.
 */
export class Screen {
  readonly #input: ScreenInput;
  readonly #output: ScreenOutput;
  readonly #onQuit: () => void;
  #isOpen = true;

  /** @param onQuit q, or Ctrl-C, which is a key like any other here */
  constructor(input: ScreenInput, output: ScreenOutput, onQuit: () => void) {
    this.#input = input;
    this.#output = output;
    this.#onQuit = onQuit;
    output.write(enter);
    process.once('exit', this.#restore);
    if (input.isTTY !== true) return;
    input.setRawMode?.(true);
    input.on('data', this.#keys);
    input.resume();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#output;
    // Some terminals say 0 until they know.
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** In place of what was there. Without flicker: lines are overwritten, and only what is left over is cleared. */
  draw(text: string): void {
    const lines = text.split('\n').map((line) => `${line}\x1b[K`);
    this.#output.write(`\x1b[H${lines.join('\r\n')}\x1b[J`);
  }

  close(): void {
    process.off('exit', this.#restore);
    this.#restore();
  }

  readonly #keys = (keys: Buffer): void => {
    if (/[qQ]/.test(keys.toString()) || keys.includes(interruptKey)) this.#onQuit();
  };

  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#input.isTTY === true) {
      this.#input.off('data', this.#keys);
      this.#input.setRawMode?.(false);
      this.#input.pause();
    }
    this.#output.write(leave);
  };
}
