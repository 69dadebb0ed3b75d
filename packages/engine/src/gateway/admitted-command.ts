import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import type { GatewayParts } from './gateway-parts.ts';

/** A single command that was let in. Admission hears once how it ended, whoever says so first. */
export class AdmittedCommand {
  readonly #parts: Pick<GatewayParts, 'admission' | 'clock'>;
  readonly #partition: number;
  readonly #enteredAt: number;
  #isInside = true;

  /** @param enteredAt when it was let in */
  constructor(
    parts: Pick<GatewayParts, 'admission' | 'clock'>,
    partition: number,
    enteredAt: number,
  ) {
    this.#parts = parts;
    this.#partition = partition;
    this.#enteredAt = enteredAt;
  }

  /** It is decided. */
  leave(): void {
    if (!this.#leaves()) return;
    const { admission, clock } = this.#parts;
    admission.leave(this.#partition, this.#enteredAt, clock.now());
  }

  /** It was taken back or refused, or its sender is told that it will be decided: nobody knows how long that takes. */
  giveUp(): void {
    if (!this.#leaves()) return;
    const { admission, clock } = this.#parts;
    admission.giveUp(this.#partition, this.#enteredAt, clock.now());
  }

  cancel(): void {
    if (this.#leaves()) this.#parts.admission.cancel(this.#partition);
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
    this.giveUp();
  }

  onRefused(): void {
    this.giveUp();
  }
}
