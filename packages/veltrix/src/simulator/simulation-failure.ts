/** A simulated world broke a promise. */
export class SimulationFailure extends Error {
  /** The checker that found it. */
  readonly checker: string;

  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`);
    this.name = 'SimulationFailure';
    this.checker = checker;
  }
}

/** Thrown at an I/O step at which a simulated machine dies. Whoever catches it is dead already. */
export class SimulatedCrash extends Error {
  constructor(operation: string, path: string) {
    super(`crash before ${operation} ${path}`);
    this.name = 'SimulatedCrash';
  }
}
