import type { Arrival } from '../arrivals/arrival.ts';
import type { Ending } from '../crowd/ending.ts';
import { LoadRecord, tally } from './load-record.ts';
import type { ArrivalObserver } from './open-loop.ts';

/** Writes down what one thread sees. Times are milliseconds since the load began. */
export class LoadRecorder implements ArrivalObserver<Arrival> {
  readonly record: LoadRecord;
  readonly #timeoutMs: number;

  constructor(durationMs: number, timeoutMs: number) {
    this.record = LoadRecord.forDuration(durationMs);
    this.#timeoutMs = timeoutMs;
  }

  onDue({ dueMs, counts }: Arrival, at: number): void {
    this.record.slice(dueMs).offered += 1;
    if (!counts) return;
    this.record.offered += 1;
    this.record.lateness.record(at - dueMs);
  }

  /** @param sentMs when its request left */
  onAnswered(arrival: Arrival, sentMs: number, at: number, ending: Ending): void {
    const { dueMs, counts, action } = arrival;
    const { record } = this;
    if (!ending.isDecided) {
      // A quick refusal is no quick answer: it is counted, and is in no latency.
      this.#failed(arrival, ending.name, at);
      return;
    }
    record.slice(dueMs).latency.record(at - dueMs);
    record.slice(at).done += 1;
    if (!counts) return;
    record.decided += 1;
    record.latency.record(at - dueMs);
    record.service.record(at - sentMs);
    record.ofAction(action).record(at - dueMs);
    tally(record.outcomes, ending.name);
  }

  onFailed(arrival: Arrival, failure: string, at: number): void {
    const { dueMs, counts, action } = arrival;
    // Who is not answered waits at least this long; leaving them out would make the rest look quick.
    const waitedMs = failure === 'not-sent' ? this.#timeoutMs : at - dueMs;
    this.record.slice(dueMs).latency.record(waitedMs);
    if (counts) {
      this.record.latency.record(waitedMs);
      this.record.ofAction(action).record(waitedMs);
    }
    this.#failed(arrival, failure, at);
  }

  #failed({ counts }: Arrival, name: string, at: number): void {
    this.record.slice(at).failed += 1;
    if (!counts) return;
    this.record.failed += 1;
    tally(this.record.failures, name);
  }
}
