import { nearestName } from 'veltrix';
import { isReference, readSecret } from 'veltrix/config';
import { engineErrors } from '../errors.ts';

/**
 * A mapping of a configuration file that is being read. Texts may name variables of the environment, as in
 * `${HUNT_KAFKA}`.
 */
export class ConfigSection {
  readonly #placeOf: (path: string) => string;
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  /**
   * @param placeOf where a key stands, for messages; empty for the whole file
   * @param path of the section with a dot at its end; empty for the whole file
   */
  constructor(placeOf: (path: string) => string, path: string, values: unknown) {
    this.#placeOf = placeOf;
    this.#path = path;
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw engineErrors.create('engine-cluster-config-invalid', {
        ...{ file: placeOf(path.slice(0, -1)), key: path.slice(0, -1) || 'the file' },
        reason: 'must have keys and values',
      });
    }
    this.#values = values as Record<string, unknown>;
  }

  fail(key: string, reason: string): never {
    const name = `${this.#path}${key}`;
    const details = { file: this.#placeOf(name), key: name, reason };
    throw engineErrors.create('engine-cluster-config-invalid', details);
  }

  /** Throws `engine-cluster-config-unknown` for a key that nobody asked for. */
  done(): void {
    for (const key of Object.keys(this.#values)) {
      if (this.#known.has(key)) continue;
      const nearest = nearestName(key, this.#known);
      throw engineErrors.create('engine-cluster-config-unknown', {
        file: this.#placeOf(`${this.#path}${key}`),
        key: `${this.#path}${key}`,
        hint:
          nearest === undefined
            ? `known are ${[...this.#known].join(', ')}`
            : `did you mean ${nearest}?`,
      });
    }
  }

  #value(key: string): unknown {
    this.#known.add(key);
    return this.#values[key] ?? undefined;
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  /** A section that may be left out: then it is empty. */
  optionalSection<Result>(key: string, read: (section: ConfigSection) => Result): Result {
    if (this.has(key)) return this.section(key, read);
    return read(new ConfigSection(this.#placeOf, `${this.#path}${key}.`, {}));
  }

  section<Result>(key: string, read: (section: ConfigSection) => Result): Result {
    const value = this.#value(key);
    if (value === undefined) this.fail(key, 'is missing');
    const section = new ConfigSection(this.#placeOf, `${this.#path}${key}.`, value);
    const result = read(section);
    section.done();
    return result;
  }

  optionalText(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined) return value;
    if (typeof value !== 'string') return this.fail(key, 'must be a text; put it in quotes');
    return value.replace(/\$\{(\w+)\}/g, (_, name: string) => this.#variable(key, name));
  }

  /**
   * A text, or better where it is: `file:PATH` in `directory`, or `env:NAME`. Throws `veltrix-secret-unreadable`. Messages
   * never have it.
   */
  secret(key: string, directory: string): string | undefined {
    const value = this.optionalText(key);
    if (value === undefined || !isReference(value)) return value;
    return readSecret(value, { name: `${this.#path}${key}`, directory, env: process.env });
  }

  #variable(key: string, name: string): string {
    return process.env[name] || this.fail(key, `needs ${name}, which the environment lacks`);
  }

  text(key: string, form: RegExp, fallback?: string): string {
    const value = this.optionalText(key) ?? fallback;
    if (value === undefined) this.fail(key, 'is missing');
    if (!form.test(value)) this.fail(key, `is "${value}", which does not match ${form.source}`);
    return value;
  }

  number(key: string, least: number, most: number, fallback?: number): number {
    const value = this.#value(key) ?? fallback;
    if (value === undefined) this.fail(key, 'is missing');
    if (typeof value === 'number' && value >= least && value <= most) return value;
    return this.fail(key, `must be a number from ${least} to ${most}, but is "${value}"`);
  }

  whole(key: string, least: number, most: number, fallback?: number): number {
    const value = this.number(key, least, most, fallback);
    return Number.isInteger(value) ? value : this.fail(key, 'must be a whole number');
  }

  truth(key: string, fallback: boolean): boolean {
    const value = this.#value(key) ?? fallback;
    return typeof value === 'boolean' ? value : this.fail(key, 'must be true or false');
  }

  address(key: string): string {
    const value = this.text(key, /./);
    const { port = '0' } = /^[^\s/:,]+:(?<port>\d{1,5})$/.exec(value)?.groups ?? {};
    if (Number(port) > 0 && Number(port) < 65_536) return value;
    return this.fail(key, `must be host:port, but is "${value}"`);
  }

  addresses(key: string): string[] {
    const value = this.#value(key);
    const texts = typeof value === 'string' ? this.text(key, /./).split(',') : value;
    if (!Array.isArray(texts) || texts.length === 0) this.fail(key, 'must list addresses');
    return texts.map((text: unknown, index) =>
      new ConfigSection(this.#placeOf, `${this.#path}${key}.`, { [index]: text }).address(
        `${index}`,
      ),
    );
  }

  choices<Choice extends string>(
    key: string,
    allowed: readonly Choice[],
    fallback: readonly Choice[],
  ): readonly Choice[] {
    const value = this.#value(key) ?? fallback;
    if (!Array.isArray(value) || value.length === 0) this.fail(key, 'must be a list');
    for (const choice of value) {
      if ((allowed as readonly unknown[]).includes(choice)) continue;
      const nearest = nearestName(String(choice), allowed);
      const hint = nearest === undefined ? `known are ${allowed.join(', ')}` : `${nearest}?`;
      this.fail(key, `has the unknown entry "${choice}"; ${hint}`);
    }
    return value;
  }

  words(key: string): Readonly<Record<string, string>> {
    const value = this.#value(key);
    if (typeof value !== 'object' || value === null) this.fail(key, 'must have keys and values');
    return Object.fromEntries(Object.entries(value).map(([name, word]) => [name, String(word)]));
  }
}
