/** Time and deferral as a port, so that the simulator can drive them. Folds never see it. */
export interface Clock {
  /** Milliseconds since the epoch. May jump either way; never used for order. */
  now(): number;
  /** Runs `task` once after at least `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** Runs `task` after what is already queued in this turn: lets work that arrives together go together. */
  defer(task: () => void): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  defer: (task) => {
    setImmediate(task);
  },
};
