import { CodedError, type CommandRecordBuilder } from 'veltrix';
import { firstPosition } from 'veltrix/cluster';
import { fixedConfig } from 'veltrix/config';
import {
  type ClusterWorld,
  type DrawnCommand,
  DrawnIds,
  drawCommand,
  SeededRandom,
  SimulationFailure,
  type Workload,
  writeDrawnCommand,
} from 'veltrix/simulator';
import { MemoryBus } from '../bus/memory/memory-bus.ts';
import { ClusterCommandPort } from '../cluster/cluster-command-port.ts';
import { CommandBatcher } from '../gateway/command-batcher.ts';
import type { CommandOutcome } from '../gateway/command-outcome.ts';
import { DecisionFeed } from '../gateway/decision-feed.ts';
import { isDeadlinePassed } from '../gateway/passed-deadlines.ts';
import type { OrderPerTeam } from './checkers/order-per-team.ts';
import { sendingOf, type TakenCommand } from './checkers/taken-command.ts';
import type { WithdrawnCommands } from './checkers/withdrawn-commands.ts';

const retryMs = 150;
/** Within this window no id of a simulated world is forgotten. */
const windowForAll = 1_024;

interface Request {
  readonly partition: number;
  readonly id: Uint8Array;
  readonly command: DrawnCommand;
  /** The first that its sender has read. */
  answer: string | undefined;
}

interface Gateway {
  readonly origin: number;
  readonly port: ClusterCommandPort;
  readonly batcher: CommandBatcher;
}

export interface GatewayCheckers {
  readonly order: OrderPerTeam;
  readonly withdrawn: WithdrawnCommands;
}

/**
 * People with accounts who reach a cluster by gateways, whose port and batcher are the real ones on a simulated log.
 * They give up waiting, and send the same again, to any gateway.
 */
export class GatewayWorkload implements Workload {
  /** Resolves when all gateways follow the decisions: before the world begins. */
  readonly followed: Promise<unknown>;
  /** Records that a gateway gave up without knowing whether the log has them. */
  givenUp = 0;
  readonly #world: ClusterWorld;
  readonly #checkers: GatewayCheckers;
  readonly #random: SeededRandom;
  readonly #gateways: readonly Gateway[];
  readonly #requests: Request[] = [];
  readonly #ids: DrawnIds;
  #isCalm = false;

  constructor(world: ClusterWorld, checkers: GatewayCheckers) {
    this.#world = world;
    this.#checkers = checkers;
    this.#random = new SeededRandom(world.plan.seed, 28);
    this.#ids = new DrawnIds(this.#random);
    this.#gateways = Array.from({ length: world.plan.gatewayCount }, (_, index) =>
      this.#openGateway(index + 1),
    );
    this.followed = Promise.all(this.#gateways.map(({ port }) => port.followed));
  }

  #openGateway(origin: number): Gateway {
    const { plan, clock, queue, cluster } = this.#world;
    const { appendTimeoutMs, requestTimeoutMs } = plan;
    const inflightMaxBytes = this.#random.pick([1_200, 1 << 18]);
    const log = cluster.connect({ clock, appendTimeoutMs, requestTimeoutMs, inflightMaxBytes });
    const failed = (error: unknown) => {
      throw error;
    };
    const bus = new MemoryBus(failed);
    const position = { next: 1, position: firstPosition };
    const owners = { ask: () => Promise.resolve(position) };
    const port = new ClusterCommandPort({ log, owners, bus, clock, waitsFor: () => {} });
    port.onRefused((_partition, batch, error) => this.#refused(origin, batch, error));
    const batcher = new CommandBatcher({
      ...{ port, clock, origin, feed: new DecisionFeed(bus), steadyNow: () => queue.now },
      config: fixedConfig({
        ...{ inflightMaxCommands: 60, inflightMaxBytes: 20_000, recordMaxBytes: 300 },
        ...{ waitMaxMs: this.#random.pick([100, 400]), recentOutcomes: 64 },
      }),
      onListenerError: failed,
    });
    return { origin, port, batcher };
  }

  #refused(origin: number, batch: number, error: Error): void {
    if (!(error instanceof CodedError) || error.id !== 'veltrix-log-append-unanswered') return;
    this.givenUp += 1;
    this.#checkers.order.givenUp(origin, batch);
  }

  begin(): void {
    const { queue, plan } = this.#world;
    for (let left = this.#random.between(8, 36); left > 0; left--) {
      queue.schedule(this.#random.between(0, plan.durationMs), () => this.#act());
    }
  }

  #act(): void {
    for (let left = this.#random.pick([1, 1, 2, 6]); left > 0; left--) {
      const { partitionCount } = this.#world.plan;
      const request = {
        partition: this.#random.between(0, partitionCount - 1),
        id: this.#ids.next(),
        command: drawCommand(this.#random, partitionCount),
        answer: undefined,
      };
      this.#requests.push(request);
      this.#send(request);
    }
  }

  #send(request: Request): void {
    if (request.answer !== undefined) return;
    const { network, queue } = this.#world;
    network.send(() => this.#arrive(request));
    queue.schedule(retryMs, () => this.#send(request));
  }

  #arrive(request: Request): void {
    const { partition } = request;
    const { origin, batcher } = this.#random.pick(this.#gateways);
    const now = this.#world.clock.now();
    const until = this.#world.queue.now + this.#patienceMs();
    const id = Buffer.from(request.id).toString('hex');
    const taken = { origin, partition, sending: sendingOf(id, now) };
    const write = (builder: CommandRecordBuilder, { command }: Request) =>
      writeDrawnCommand(builder, command, request.id, now);
    try {
      batcher.checkRoom(1);
    } catch {
      return;
    }
    this.#checkers.order.taken(taken);
    this.#checkers.withdrawn.taken(taken);
    batcher.send(partition, write, request, {
      usefulUntil: () => until,
      onOutcome: (_tag, outcome) => this.#reply(request, outcome),
      onUndecided: () => {},
      onRefused: (_tag, error) => this.#undone(taken, error),
    });
  }

  /** How long somebody waits; Infinity for who waits as long as it takes. */
  #patienceMs(): number {
    const patienceMs = this.#random.pick([Number.POSITIVE_INFINITY, 10, 40, 120]);
    return this.#isCalm ? Number.POSITIVE_INFINITY : patienceMs;
  }

  /** Somebody is told that nothing was done. */
  #undone(taken: TakenCommand, error: Error): void {
    const how = isDeadlinePassed(error) ? 'withdrawn' : 'refused';
    this.#checkers.order.undone(taken);
    this.#checkers.withdrawn.undone(taken, how);
  }

  #reply(request: Request, { status, code, a, b }: CommandOutcome): void {
    const answer = `${status} ${code} ${a} ${b}`;
    const { network, plan } = this.#world;
    network.send(() => {
      request.answer ??= answer;
      if (request.answer === answer || plan.dedupeWindow < windowForAll) return;
      throw new SimulationFailure(
        'acknowledged-outcome',
        `somebody was told ${request.answer}, and later ${answer}`,
      );
    });
  }

  heal(): void {
    this.#isCalm = true;
  }

  waitingFor(): string | undefined {
    const unanswered = this.#requests.filter(({ answer }) => answer === undefined).length;
    if (unanswered > 0) return `${unanswered} requests have no answer`;
    const full = this.#gateways.find(({ batcher }) => batcher.inflightCommands > 0);
    return full && `gateway ${full.origin} waits for ${full.batcher.inflightCommands} commands`;
  }

  published(): void {}

  nodeStarted(): void {}

  nodeDied(): void {}
}
