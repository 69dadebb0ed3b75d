import type { Terminal } from './terminal.ts';

const intervalMs = 100;

/** A line that shows how far long work is, rewritten in place. */
export interface Progress {
  show(text: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** Shown on the error stream, only where that is a terminal and nobody asked for JSON. */
export function progressOn(terminal: Terminal, json: boolean, now = Date.now): Progress {
  if (json || !terminal.errIsTerminal) return { show: () => {}, clear: () => {} };
  let shownAt = Number.NEGATIVE_INFINITY;
  let visible = false;
  return {
    show(text) {
      if (now() - shownAt < intervalMs) return;
      shownAt = now();
      visible = true;
      terminal.err(`\r\x1b[K${text.slice(0, Math.max(1, terminal.columns - 1))}`);
    },
    clear() {
      if (visible) terminal.err('\r\x1b[K');
      visible = false;
    },
  };
}
