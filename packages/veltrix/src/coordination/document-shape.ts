import { veltrixErrors } from '../errors.ts';

const nodeIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether a text can name a node, or a key of the configuration. */
export function isPlainName(text: string): boolean {
  return nodeIdPattern.test(text);
}

/**
 * Reads a JSON value that anybody may have edited: whatever is not as expected throws
 * `veltrix-coordination-damaged` with the place and the field.
 */
export class DocumentShape {
  readonly #place: string;
  readonly #name: string;
  readonly #value: unknown;

  private constructor(place: string, name: string, value: unknown) {
    this.#place = place;
    this.#name = name;
    this.#value = value;
  }

  static parse(place: string, text: string): DocumentShape {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      const reason = text === '' ? 'it is empty' : 'it is not JSON';
      throw veltrixErrors.create('veltrix-coordination-damaged', { place, reason });
    }
    return new DocumentShape(place, 'it', value);
  }

  fail(problem: string): never {
    throw veltrixErrors.create('veltrix-coordination-damaged', {
      place: this.#place,
      reason: `${this.#name} has ${problem}`,
    });
  }

  field(name: string): DocumentShape {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('no fields');
    return new DocumentShape(this.#place, name, (value as Record<string, unknown>)[name]);
  }

  entries(): (readonly [string, DocumentShape])[] {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('no fields');
    return Object.entries(value as object).map(([key, entry]) => [
      key,
      new DocumentShape(this.#place, `${this.#name}.${key}`, entry),
    ]);
  }

  items(): DocumentShape[] {
    if (!Array.isArray(this.#value)) this.fail('no list');
    return (this.#value as unknown[]).map(
      (item, index) => new DocumentShape(this.#place, `${this.#name}[${index}]`, item),
    );
  }

  /** Undefined where there is nothing: a field of a later release, or one that may be left out. */
  optional(): DocumentShape | undefined {
    return this.#value === undefined ? undefined : this;
  }

  /** Undefined for null. */
  nullable(): DocumentShape | undefined {
    return this.#value === null ? undefined : this;
  }

  only(expected: number): void {
    if (this.#value !== expected)
      this.fail(`${JSON.stringify(this.#value)} instead of ${expected}`);
  }

  text(): string {
    if (typeof this.#value !== 'string') this.fail('no text');
    return this.#value as string;
  }

  nodeId(): string {
    const text = this.text();
    if (!isPlainName(text)) this.fail('no valid node id');
    return text;
  }

  truth(): boolean {
    if (typeof this.#value !== 'boolean') this.fail('neither true nor false');
    return this.#value as boolean;
  }

  /** A finite number, at least 0. */
  amount(): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) this.fail('no amount');
    return value as number;
  }

  /** A whole number, at least 0. */
  count(): number {
    if (!Number.isSafeInteger(this.#value) || (this.#value as number) < 0) this.fail('no count');
    return this.#value as number;
  }
}
