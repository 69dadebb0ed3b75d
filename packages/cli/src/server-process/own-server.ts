import { createOrganiserClient, type OrganiserClient } from '@hunt/sdk';
import { pauseAfter, type ReplayTarget } from '../replay/replay-target.ts';
import { readText } from '../terminal/files.ts';
import { type ServerOptions, ServerProcess } from './server-process.ts';

/** A server of our own that may be killed and started again while clients use it. */
export class OwnServer implements ReplayTarget {
  readonly #options: ServerOptions;
  #process: ServerProcess | undefined;
  #client: Promise<OrganiserClient> | undefined;
  #restarts = 0;
  readonly patienceMs: number;

  constructor(options: ServerOptions, patienceMs: number) {
    this.#options = options;
    this.patienceMs = patienceMs;
  }

  /** How often it was killed and started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** A client of the server as it is now, or as it will be when it is up again. */
  client(): Promise<OrganiserClient> {
    this.#client ??= this.#start();
    return this.#client;
  }

  readonly pause = pauseAfter;

  async #start(): Promise<OrganiserClient> {
    const server = await ServerProcess.start(this.#options);
    this.#process = server;
    void server.failure().then((error) => this.#replace(Promise.reject(error)));
    return createOrganiserClient({
      baseUrl: server.announcement.url,
      key: readText(server.announcement.organiserKeyFile).trim(),
      // Whoever uses it asks for the client again instead: after a restart the address is another.
      retry: { attemptsMax: 1 },
    });
  }

  /** SIGKILL, then a new process on the same data. */
  async killAndRestart(): Promise<void> {
    await this.client();
    const started = this.#process!.kill().then(() => this.#start());
    this.#replace(started);
    this.#restarts += 1;
    await started;
  }

  #replace(client: Promise<OrganiserClient>): void {
    this.#client = client;
    // Nobody may be asking at the moment; the next one who asks gets the error.
    client.catch(() => {});
  }

  async stop(): Promise<void> {
    // One that is just starting is waited for: nothing may be left behind.
    await this.#client?.catch(() => {});
    await this.#process?.stop();
    this.#process = undefined;
  }
}
