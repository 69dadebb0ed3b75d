import type { CodedError } from '../coded-error.ts';
import {
  type ClusterRequests,
  clusterRequestsKey,
  decodeRequests,
  encodeRequests,
  noRequests,
} from './cluster-requests.ts';
import type { ConfigDocument, ConfigSource } from './config-source.ts';

export interface RequestsDeskOptions {
  /** Without one nobody can ask for anything. */
  readonly config: ConfigSource | undefined;
  readonly nodeId: string;
  readonly problem: (error: Error) => void;
}

/** What operators ask for, as the leader sees it. What cannot be read changes nothing. */
export class RequestsDesk {
  readonly #options: RequestsDeskOptions;
  readonly #stop: () => void;
  #present = noRequests;
  #version = 0;
  #isWriting = false;

  constructor(options: RequestsDeskOptions) {
    this.#options = options;
    const { config, problem } = options;
    const changed = (document: ConfigDocument | undefined) => this.#changed(document);
    this.#stop = config?.watch(clusterRequestsKey, { changed, problem }) ?? (() => {});
  }

  get present(): ClusterRequests {
    return this.#present;
  }

  stop(): void {
    this.#stop();
  }

  /** The load is shared out: nobody has to ask for it any more. To be called again until it is gone. */
  rebalanced(): void {
    const { config, nodeId, problem } = this.#options;
    if (config === undefined || this.#isWriting || !this.#present.rebalance) return;
    this.#isWriting = true;
    const value = encodeRequests({ ...this.#present, rebalance: false });
    const change = { key: clusterRequestsKey, value, basedOn: this.#version };
    config.write({ ...change, by: nodeId, why: 'the load is shared out' }, (error) => {
      this.#isWriting = false;
      // Somebody has asked for something else meanwhile: the watch shows what.
      if (error && (error as CodedError).id !== 'veltrix-coordination-conflict') problem(error);
    });
  }

  #changed(document: ConfigDocument | undefined): void {
    try {
      this.#present = document === undefined ? noRequests : decodeRequests(document.value);
      this.#version = document?.version ?? 0;
    } catch (error) {
      this.#options.problem(error as Error);
    }
  }
}
