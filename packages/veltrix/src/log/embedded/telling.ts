/**
 * Calls who listens, one after another. What one of them throws, which is a mistake of the caller's, keeps nobody else
 * from hearing: it is thrown once all have been called.
 */
export class Telling {
  #thrown: { readonly error: unknown } | undefined;

  call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#thrown ??= { error };
    }
  }

  /** Throws the first error that a listener has thrown. */
  end(): void {
    if (this.#thrown) throw this.#thrown.error;
  }
}
