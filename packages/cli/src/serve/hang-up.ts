import { isatty } from 'node:tty';
import type { Terminal } from '../terminal/terminal.ts';

/** What SIGHUP means to a server. */
export interface HangUp {
  /** Aborts when it came because the terminal is gone that the server wrote to, as when its window is closed. */
  readonly terminalGone: AbortSignal;
  /** Calls back with every other one from now on, and now if there was one before. */
  follow(told: () => void): void;
  /** Lets go of the signal. */
  dispose(): void;
}

/**
 * From now on SIGHUP does not end the process by itself. Under nohup neither stream is a terminal: then all are somebody's
 * wish to have settings read again.
 */
export function listenForHangUp({
  outIsTerminal,
  errIsTerminal,
}: Pick<Terminal, 'outIsTerminal' | 'errIsTerminal'>): HangUp {
  const gone = new AbortController();
  let told: (() => void) | undefined;
  let isDue = false;
  const hangUp = () => {
    const terminalIsGone = (outIsTerminal && !isatty(1)) || (errIsTerminal && !isatty(2));
    if (terminalIsGone) gone.abort();
    else if (told) told();
    else isDue = true;
  };
  process.on('SIGHUP', hangUp);
  return {
    terminalGone: gone.signal,
    follow(listener) {
      told = listener;
      if (isDue) listener();
    },
    dispose: () => void process.off('SIGHUP', hangUp),
  };
}
