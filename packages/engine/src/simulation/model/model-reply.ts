import type { ModelMessage } from './model-message.ts';

export interface ModelSent {
  readonly to: 'team' | 'player' | 'item';
  readonly message: ModelMessage;
}

/** What the model decides on a message: an outcome, and messages to other partitions or its own. */
export class ModelReply {
  readonly sent: ModelSent[] = [];
  #status = 0;
  #code = 0;
  #a = 0;
  #b = 0;

  /** Status, code and values as one text, to compare. */
  get outcome(): string {
    return `${this.#status} ${this.#code} ${this.#a} ${this.#b}`;
  }

  accept(code: number, a = 0, b = 0): void {
    this.#tell(0, code, a, b);
  }

  reject(code: number, a = 0, b = 0): void {
    this.#tell(1, code, a, b);
  }

  #tell(status: number, code: number, a: number, b: number): void {
    this.#status = status;
    this.#code = code;
    this.#a = a;
    this.#b = b;
  }

  /** Sends a message about the same things as `about`, apart from `changes`. */
  send(
    to: ModelSent['to'],
    type: number,
    about: ModelMessage,
    changes: Partial<ModelMessage>,
  ): void {
    const blank = { detail: 0, value: 0, commandId: '' };
    this.sent.push({ to, message: { ...about, ...blank, ...changes, type } });
  }
}
