import { exitCode } from '../exit-code.ts';

/** The wish of the person at the terminal, or of the system, to end. */
export interface Interruption {
  /** Aborts with the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Lets go of the signals. */
  dispose(): void;
}

/** The second signal ends the process at once. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
