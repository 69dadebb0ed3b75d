import { currentDeadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import { refusalError } from './outcome-json.ts';

/** A command of the gateway itself, whose outcome one promise waits for; rejects with what refused it. */
export class AwaitedOutcome implements OutcomeListener {
  readonly #resolve: (outcome: CommandOutcome) => void;
  readonly #reject: (error: Error) => void;
  /** Of the work that the command is a part of. */
  readonly #deadline = currentDeadline();

  readonly joining?: DataView;

  private constructor(
    resolve: (outcome: CommandOutcome) => void,
    reject: (error: Error) => void,
    joining: DataView | undefined,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    if (joining) this.joining = joining;
  }

  /** @param joining of a join: see `OutcomeListener` */
  static create(joining?: DataView): {
    listener: AwaitedOutcome;
    outcome: Promise<CommandOutcome>;
  } {
    const { promise, resolve, reject } = Promise.withResolvers<CommandOutcome>();
    return { listener: new AwaitedOutcome(resolve, reject, joining), outcome: promise };
  }

  usefulUntil(): number {
    return this.#deadline?.at ?? Number.POSITIVE_INFINITY;
  }

  onOutcome(_tag: number, outcome: CommandOutcome): void {
    const error = refusalError(outcome);
    if (error === undefined) this.#resolve({ ...outcome });
    else this.#reject(error);
  }

  onUndecided(): void {
    this.#reject(engineErrors.create('engine-outcome-undecided'));
  }

  onRefused(_tag: number, error: Error): void {
    this.#reject(error);
  }
}
