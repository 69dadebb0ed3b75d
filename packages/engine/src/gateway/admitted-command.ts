import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import type { GatewayParts } from './gateway-parts.ts';

/** A single command that was let in. Admission hears once how it ended, whoever says so first. */
export class AdmittedCommand {
  readonly #parts: Pick<GatewayParts, 'admission' | 'clock'>;
  readonly #enteredAt: number;
  #isInside = true;

  /** @param enteredAt when it was let in */
  constructor(parts: Pick<GatewayParts, 'admission' | 'clock'>, enteredAt: number) {
    this.#parts = parts;
    this.#enteredAt = enteredAt;
  }

  /** It is decided, or its sender is told that it will be. */
  leave(): void {
    if (this.#leaves()) this.#parts.admission.leave(this.#enteredAt, this.#parts.clock.now());
  }

  /** It was taken back or refused: nobody knows how long a decision takes. */
  giveUp(): void {
    if (this.#leaves()) this.#parts.admission.giveUp(this.#enteredAt, this.#parts.clock.now());
  }

  cancel(): void {
    if (this.#leaves()) this.#parts.admission.cancel();
  }

  #leaves(): boolean {
    const isInside = this.#isInside;
    this.#isInside = false;
    return isInside;
  }
}

/** One whose sender does not wait, and was promised that it is decided. */
export class PromisedCommand extends AdmittedCommand implements OutcomeListener {
  readonly takesPending = true;

  usefulUntil(): number {
    return Number.POSITIVE_INFINITY;
  }

  onOutcome(_tag: number, _outcome: CommandOutcome): void {
    this.leave();
  }

  onUndecided(): void {
    this.leave();
  }

  onRefused(): void {
    this.giveUp();
  }
}
