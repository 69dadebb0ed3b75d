import { freePorts } from './free-ports.ts';
import { RunDirectory } from './run-directory.ts';
import { PortTakenError, type ServerPlan, ServerProcess } from './server-process.ts';

const portTries = 5;

/** One server or several that work as one, on ports of the loopback interface. */
export interface GroupPlan {
  readonly servers: readonly ServerPlan[];
  /** `host:port` of what clients call, in the order of the servers. */
  readonly addresses: readonly string[];
  /** Makes one of several; runs after all have answered. */
  readonly join?: () => Promise<void>;
}

/** Writes what the servers read into `directory` and says how to run them. */
export type Planner = (directory: string, ports: readonly number[]) => Promise<GroupPlan>;

/** Servers that were started together. They end with this process unless they are released. */
export class ServerGroup {
  readonly addresses: readonly string[];
  readonly #directory: RunDirectory;
  readonly #servers: readonly ServerProcess[];

  private constructor(directory: RunDirectory, plan: GroupPlan) {
    this.addresses = plan.addresses;
    this.#directory = directory;
    this.#servers = plan.servers.map((server) => new ServerProcess(server, directory));
  }

  /** Starts them at once and waits until each answers; a port that was taken meanwhile is no failure. */
  static async start(name: string, portCount: number, planner: Planner): Promise<ServerGroup> {
    for (let tries = 1; ; tries++) {
      const directory = new RunDirectory(name);
      let group: ServerGroup | undefined;
      try {
        const plan = await planner(directory.path, await freePorts(portCount));
        group = new ServerGroup(directory, plan);
        await Promise.all(group.#servers.map((server) => server.start()));
        await plan.join?.();
        return group;
      } catch (error) {
        await group?.kill();
        await directory.remove();
        if (!(error instanceof PortTakenError) || tries === portTries) throw error;
      }
    }
  }

  get directory(): string {
    return this.#directory.path;
  }

  get pids(): number[] {
    return this.#servers.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  }

  /** The server with this index, or an error that says how many there are. */
  server(index: number): ServerProcess {
    const server = this.#servers[index];
    if (server === undefined) {
      throw new Error(`there is no server ${index}: they are 0 to ${this.#servers.length - 1}`);
    }
    return server;
  }

  /** Starts one that was killed, or kills and starts it, on its old port and data. */
  async restart(index: number): Promise<void> {
    const server = this.server(index);
    await server.kill();
    await server.start();
  }

  async kill(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
  }

  /** Stops all and removes their directory. Repeating it is harmless. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.#directory.remove();
  }

  /** They go on when this process ends; whoever has their pids and directory stops them. */
  release(): Promise<void> {
    return this.#directory.release();
  }
}
