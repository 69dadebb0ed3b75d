import { decodeLogMark, encodeLogMark, type LogMark, type LogMarks } from '../log-mark.ts';

/** A mark in memory, kept as it would be outside: what opens the same map finds it again. */
export class SimulatedLogMarks implements LogMarks {
  readonly place: string;
  readonly #texts: Map<string, string>;

  /** @param texts by place: what outlives the processes */
  constructor(place: string, texts: Map<string, string>) {
    this.place = place;
    this.#texts = texts;
  }

  async read(): Promise<LogMark | undefined> {
    const text = this.#texts.get(this.place);
    return text === undefined ? undefined : decodeLogMark(text, this.place);
  }

  async write(mark: LogMark): Promise<void> {
    this.#texts.set(this.place, encodeLogMark(mark));
  }
}
