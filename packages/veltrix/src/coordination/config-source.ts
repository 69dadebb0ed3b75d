import type { Watcher } from './coordinator.ts';

/**
 * Settings that can change while the cluster runs: documents by key, each with a version that grows by
 * one with every change, and with what it was before, by whom and why.
 *
 * Calls back, never from within the call itself. All adapters run `config-source.contract.ts`.
 */
export interface ConfigSource {
  /** Undefined when the key was never written. */
  read(
    key: string,
    done: (error: Error | undefined, document: ConfigDocument | undefined) => void,
  ): void;
  /**
   * Writes if the document still has the version that the change is based on; otherwise
   * `veltrix-coordination-conflict`. After `veltrix-coordination-unavailable` it may have been written.
   * Others: `veltrix-coordination-too-large`, `veltrix-config-invalid`, `veltrix-coordination-damaged`.
   */
  write(
    change: ConfigChange,
    done: (error: Error | undefined, document: ConfigDocument | undefined) => void,
  ): void;
  /**
   * Shows the document as it is and at each change; may leave out what was replaced at once, never the last.
   * Throws `veltrix-config-invalid` for a key that cannot be.
   */
  watch(key: string, watcher: Watcher<ConfigDocument | undefined>): () => void;
  /** Newest first; at most `configHistoryMax` versions, the present one included. */
  history(
    key: string,
    done: (error: Error | undefined, documents: readonly ConfigDocument[]) => void,
  ): void;
  /** Safe to call twice. */
  close(done: () => void): void;
}

export interface ConfigChange {
  /** 1 to 64 letters, digits, dots, underscores and hyphens; starts with a letter or digit. */
  readonly key: string;
  /** At most `configValueMaxBytes` in UTF-8. */
  readonly value: string;
  /** The version it replaces; 0 for a key that was never written. */
  readonly basedOn: number;
  /** Who, and why: 1 to 500 characters each. */
  readonly by: string;
  readonly why: string;
}

export interface ConfigDocument {
  readonly key: string;
  readonly value: string;
  /** From 1 on, one more with each change. */
  readonly version: number;
  readonly by: string;
  readonly why: string;
  /** Milliseconds since the epoch, by the writer's clock. */
  readonly at: number;
}
