import { commandType, idToHex, outcome } from '@hunt/rules';
import { type HuntFold, teamColumn } from '@hunt/rules/fold';
import { fixedConfig } from 'veltrix/config';
import {
  SeededRandom,
  type SimulatedWorld,
  SimulationFailure,
  type Workload,
} from 'veltrix/simulator';
import { CommandBatcher } from '../gateway/command-batcher.ts';
import type { CommandOutcome, OutcomeListener } from '../gateway/command-outcome.ts';
import { DecisionFeed } from '../gateway/decision-feed.ts';
import { isDeadlinePassed } from '../gateway/passed-deadlines.ts';
import { isPending } from '../last-word.ts';
import { MemoryViews } from '../views/memory/memory-views.ts';
import type { StandingSeed } from '../views/views.ts';
import { Askers, type SentCommand } from './askers.ts';
import { GatewayMemory } from './checkers/gateway-memory.ts';
import type { OrderPerTeam } from './checkers/order-per-team.ts';
import { sendingOf, type TakenCommand } from './checkers/taken-command.ts';
import type { ToldOutcomes } from './checkers/told-outcomes.ts';
import type { WithdrawnCommands } from './checkers/withdrawn-commands.ts';
import { Crowd, type CrowdCommand, writeCrowdCommand } from './crowd.ts';
import { Impatience } from './impatience.ts';
import { PlayerSockets } from './player-sockets.ts';
import type { SimulatedArchive } from './simulated-archive.ts';
import { SimulatedPort } from './simulated-port.ts';
import type { WatchedHunts } from './watched-hunts.ts';

const retryMs = 200;
const waitMaxMs = 150;
/** Outcomes that a gateway remembers: few, so that some are asked for when they are forgotten. */
const recentOutcomes = 64;
/** Within this window no id of a simulated world is forgotten. */
const windowForAll = 1_024;

class Request implements SentCommand {
  readonly sent: CrowdCommand;
  readonly id: string;
  /** First last word that its sender has read. */
  answer: string | undefined;
  answered = false;
  /** Its sender has read the last word, and not only that another partition has it. */
  settled = false;

  constructor(sent: CrowdCommand) {
    this.sent = sent;
    this.id = Buffer.from(sent.command.commandId).toString('hex');
  }

  get isPending(): boolean {
    return this.answered && !this.settled;
  }
}

/** One life of the gateway: it dies with its process. */
interface Gateway {
  readonly port: SimulatedPort;
  readonly batcher: CommandBatcher;
  readonly origin: number;
  readonly memory: GatewayMemory;
  readonly sockets: PlayerSockets;
}

/** Those who hear what becomes of commands, and the archive. */
export interface HuntWitnesses {
  readonly watched: WatchedHunts;
  readonly order: OrderPerTeam;
  readonly withdrawn: WithdrawnCommands;
  readonly told: ToldOutcomes;
  readonly archive: SimulatedArchive;
}

/** Organisers and players, and the gateway and views they use. */
export class HuntWorkload implements Workload {
  views = new MemoryViews();
  /** As they were when the last node died: kept up from events, where those now began from state. */
  viewsBefore = this.views;
  readonly #world: SimulatedWorld;
  readonly #witnesses: HuntWitnesses;
  readonly #askers: Askers;
  readonly #impatience: Impatience;
  readonly #random: SeededRandom;
  /** Draws who comes by a socket, which changes nothing else. */
  readonly #socketsRandom: SeededRandom;
  readonly #crowd: Crowd;
  readonly #requests: Request[] = [];
  readonly #askedFor: Request[] = [];
  #gateway: Gateway | undefined;
  /** Every hunt is published on every partition. */
  #ready = false;

  constructor(world: SimulatedWorld, witnesses: HuntWitnesses) {
    this.#world = world;
    this.#witnesses = witnesses;
    this.#askers = new Askers(world, witnesses.archive, witnesses.told);
    this.#impatience = new Impatience(world.plan.seed);
    this.#random = new SeededRandom(world.plan.seed, 21);
    this.#socketsRandom = new SeededRandom(world.plan.seed, 30);
    this.#crowd = new Crowd(world.plan.seed, world.plan.partitionCount);
  }

  begin(): void {
    const { queue, plan } = this.#world;
    const publications = this.#crowd.hunts.flatMap((hunt) =>
      this.#crowd.publish(hunt).map((command) => this.#request(command)),
    );
    this.#whenAnswered(publications, () => {
      for (const hunt of this.#crowd.hunts) {
        for (const command of this.#crowd.register(hunt)) this.#request(command);
      }
      this.#ready = true;
    });
    const within = () => this.#random.between(0, plan.durationMs);
    for (let left = this.#random.between(20, 120); left > 0; left--) {
      queue.schedule(within(), () => this.#act());
    }
    for (let left = this.#random.pick([0, 0, 1, 2]); left > 0; left--) {
      queue.schedule(within(), () => {
        if (this.#ready) for (const command of this.#crowd.revise()) this.#request(command);
      });
    }
    this.#askers.begin(this.#askedFor);
  }

  #whenAnswered(requests: readonly Request[], then: () => void): void {
    if (requests.every(({ answered }) => answered)) then();
    else this.#world.queue.schedule(10, () => this.#whenAnswered(requests, then));
  }

  /** Somebody sends a command or a few; now and then the same one twice in one go. */
  #act(): void {
    if (!this.#ready) return;
    for (let left = this.#random.pick([1, 1, 1, 3]); left > 0; left--) {
      const request = this.#request(this.#crowd.act());
      if (this.#random.chance(0.05)) this.#arrive(request);
    }
  }

  #request(sent: CrowdCommand): Request {
    const request = new Request(sent);
    this.#requests.push(request);
    // Those of a publication have one id on all partitions.
    if (sent.command.type !== commandType.publishHunt) this.#askedFor.push(request);
    this.#send(request);
    return request;
  }

  #send(request: Request): void {
    const { network, queue } = this.#world;
    network.send(() => this.#arrive(request));
    // Some try again though they have the last word: it must be the same one.
    queue.schedule(retryMs, () => {
      if (!request.settled || this.#random.chance(0.25)) this.#send(request);
    });
  }

  #arrive(request: Request): void {
    const gateway = this.#gateway;
    const clock = this.#world.node?.clock;
    if (!gateway || !clock) return;
    const { id } = request;
    const { partition, command } = request.sent;
    const now = clock.now();
    const write = writeCrowdCommand(now);
    const taken = { origin: gateway.origin, partition, sending: sendingOf(id, now) };
    const until = this.#world.queue.now + this.#impatience.patienceMs();
    const listener: OutcomeListener = {
      usefulUntil: () => until,
      onOutcome: (_tag, found) => this.#reply(request, found),
      onUndecided: () => gateway.memory.undecided(id, taken.sending),
      onRefused: (_tag, error) => {
        gateway.memory.undone(id, taken.sending);
        this.#undone(taken, error, until);
      },
    };
    try {
      gateway.batcher.checkRoom(1);
    } catch {
      return;
    }
    const { order, withdrawn } = this.#witnesses;
    order.taken(taken);
    withdrawn.taken(taken);
    gateway.memory.taken(id, taken.sending);
    const { batcher, sockets } = gateway;
    const send = (waiting: OutcomeListener, tag: number) =>
      batcher.send(partition, write, request.sent, waiting, tag);
    if (command.type === commandType.publishHunt) {
      batcher.sendAlone(partition, write, request.sent, listener);
    } else if (this.#socketsRandom.chance(0.25)) {
      sockets.send({ hunt: command.hunt, commandId: id, listener, send });
    } else send(listener, 0);
  }

  /** A player is told that nothing was done. */
  #undone(taken: TakenCommand, error: Error, until: number): void {
    const isWithdrawn = isDeadlinePassed(error);
    const { order, withdrawn } = this.#witnesses;
    order.undone(taken);
    withdrawn.undone(taken, isWithdrawn ? 'withdrawn' : 'refused');
    if (!isWithdrawn || until <= this.#world.queue.now) return;
    const { sending } = taken;
    throw new SimulationFailure('withdrawn-commands', `${sending} is withdrawn and waited for`);
  }

  #reply(request: Request, { status, code, a, b }: CommandOutcome): void {
    const answer = `${status} ${code} ${a} ${b}`;
    const isFinal = !isPending(code);
    const { archive } = this.#witnesses;
    // Who joins once more while joining is told so, and no last word follows: that is for the first join's id.
    const isJoiningAlready = code === outcome.joinPending && !archive.isAskedFor(request.id);
    this.#world.network.send(() => {
      request.answered = true;
      request.settled ||= isFinal || isJoiningAlready;
      if (!isFinal || this.#world.plan.dedupeWindow < windowForAll) return;
      request.answer ??= answer;
      if (request.answer === answer) return;
      throw new SimulationFailure(
        'acknowledged-outcome',
        `a player was told ${request.answer}, and later ${answer}`,
      );
    });
  }

  nodeStarted(): void {
    const { life, queue } = this.#world;
    const node = this.#world.node!;
    const port = new SimulatedPort(this.#world, node, this.#impatience);
    const feed = new DecisionFeed(port);
    const memory = new GatewayMemory(life, recentOutcomes);
    const { archive, told } = this.#witnesses;
    const batcher = new CommandBatcher({
      ...{ port, feed, clock: node.clock, origin: life, steadyNow: () => queue.now },
      config: fixedConfig({
        ...{ inflightMaxCommands: 60, inflightMaxBytes: 20_000, recordMaxBytes: 2_000 },
        ...{ waitMaxMs, recentOutcomes },
      }),
      onListenerError: (error) => {
        throw error;
      },
      askForLastWord: (commandId) => {
        memory.searches();
        this.#askers.searched(commandId);
        return archive.outcome(commandId, node.clock);
      },
    });
    const sockets = new PlayerSockets(this.#crowd.hunts, node.clock, told);
    this.#gateway = { port, batcher, origin: life, memory, sockets };
    this.#askers.gatewayStarted({ recent: batcher.recent, clock: node.clock, memory });
    this.#seedViews();
  }

  #seedViews(): void {
    this.views = new MemoryViews();
    const { node, plan } = this.#world;
    for (let partition = 0; partition < plan.partitionCount; partition++) {
      const { tables } = this.#witnesses.watched.of(node!.processors[partition]!.fold.space);
      for (const hunt of tables.live) {
        this.views.setTies(idToHex(hunt.id.low, hunt.id.high), hunt.definition.ties);
      }
      const next = node!.log.partition(partition).end('events');
      this.views.seed(partition, next, standingsOf(tables));
    }
  }

  nodeDied(): void {
    this.#gateway = undefined;
    this.#askers.gatewayDied();
    this.viewsBefore = this.views;
  }

  published(partition: number, offset: number, bytes: Uint8Array): void {
    const gateway = this.#gateway;
    if (gateway) {
      gateway.port.publish(partition, offset, bytes);
      this.#witnesses.told.heard(gateway.memory);
    }
    this.views.apply(partition, offset, bytes);
  }

  heal(): void {
    this.#ready = false;
    this.#impatience.calmDown();
    this.#witnesses.archive.heal();
    this.#askers.heal();
  }

  waitingFor(): string | undefined {
    const waiting = this.#requests.filter(({ settled }) => !settled);
    return waiting[0] && `${waiting.length} requests have no last word`;
  }
}

function* standingsOf(tables: HuntFold['tables']): Generator<StandingSeed> {
  for (let row = 0; row < tables.teams.rows; row++) {
    const hunt = tables.live[tables.team(row, teamColumn.hunt)]!;
    const { words } = tables.teams.page(row);
    const at = tables.teams.at(row);
    yield {
      huntId: idToHex(hunt.id.low, hunt.id.high),
      teamId: idToHex(words[at]!, words[at + 1]!),
      points: tables.team(row, teamColumn.points),
      penaltySeconds: tables.team(row, teamColumn.penaltySeconds),
      lastScoreAt: tables.lastScoreAt(row),
      solved: tables.team(row, teamColumn.solved),
      wrong: tables.team(row, teamColumn.wrong),
      granted: tables.team(row, teamColumn.granted),
    };
  }
}
