import { commandType, idToHex, outcome } from '@hunt/rules';
import { type HuntFold, huntApplication, teamColumn } from '@hunt/rules/fold';
import type { Application, StateSpace } from 'veltrix';
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
import type { OrderPerTeam } from './checkers/order-per-team.ts';
import { sendingOf, type TakenCommand } from './checkers/taken-command.ts';
import type { WithdrawnCommands } from './checkers/withdrawn-commands.ts';
import { Crowd, type CrowdCommand, writeCrowdCommand } from './crowd.ts';
import { Impatience } from './impatience.ts';
import type { SimulatedArchive } from './simulated-archive.ts';
import { SimulatedPort } from './simulated-port.ts';

const retryMs = 200;
const waitMaxMs = 150;
/** Within this window no id of a simulated world is forgotten. */
const windowForAll = 1_024;

interface Request {
  readonly sent: CrowdCommand;
  /** First last word that its sender has read. */
  answer: string | undefined;
  answered: boolean;
  /** Its sender has read the last word, and not only that another partition has it. */
  settled: boolean;
}

/** One life of the gateway: it dies with its process. */
interface Gateway {
  readonly port: SimulatedPort;
  readonly batcher: CommandBatcher;
  readonly origin: number;
}

/** Remembers the hunt folds that are opened, to read the state of a processor's. */
export class WatchedHunts {
  readonly #folds = new WeakMap<StateSpace, HuntFold>();
  readonly application: Application = {
    layout: huntApplication.layout,
    open: (space, context) => {
      const fold = huntApplication.open(space, context) as HuntFold;
      this.#folds.set(space, fold);
      return fold;
    },
  };

  of(space: StateSpace): HuntFold {
    return this.#folds.get(space)!;
  }
}

/** Organisers and players, and the gateway and views they use. */
export class HuntWorkload implements Workload {
  views = new MemoryViews();
  /** As they were when the last node died: kept up from events, where those now began from state. */
  viewsBefore = this.views;
  readonly #world: SimulatedWorld;
  readonly #watched: WatchedHunts;
  readonly #order: OrderPerTeam;
  readonly #withdrawn: WithdrawnCommands;
  readonly #archive: SimulatedArchive;
  readonly #impatience: Impatience;
  readonly #random: SeededRandom;
  readonly #crowd: Crowd;
  readonly #requests: Request[] = [];
  #gateway: Gateway | undefined;
  /** Every hunt is published on every partition. */
  #ready = false;

  constructor(
    world: SimulatedWorld,
    watched: WatchedHunts,
    order: OrderPerTeam,
    withdrawn: WithdrawnCommands,
    archive: SimulatedArchive,
  ) {
    this.#world = world;
    this.#watched = watched;
    this.#order = order;
    this.#withdrawn = withdrawn;
    this.#archive = archive;
    this.#impatience = new Impatience(world.plan.seed);
    this.#random = new SeededRandom(world.plan.seed, 21);
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
    const request = { sent, answer: undefined, answered: false, settled: false };
    this.#requests.push(request);
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
    const { partition, command } = request.sent;
    const now = clock.now();
    const write = writeCrowdCommand(now);
    const id = Buffer.from(command.commandId).toString('hex');
    const taken = { origin: gateway.origin, partition, sending: sendingOf(id, now) };
    const until = this.#world.queue.now + this.#impatience.patienceMs();
    const listener: OutcomeListener = {
      usefulUntil: () => until,
      onOutcome: (_tag, found) => this.#reply(request, id, found),
      onUndecided: () => {},
      onRefused: (_tag, error) => this.#undone(taken, error, until),
    };
    try {
      gateway.batcher.checkRoom(1);
    } catch {
      return;
    }
    this.#order.taken(taken);
    this.#withdrawn.taken(taken);
    const isPublication = command.type === commandType.publishHunt;
    if (isPublication) gateway.batcher.sendAlone(partition, write, request.sent, listener);
    else gateway.batcher.send(partition, write, request.sent, listener, 0);
  }

  /** A player is told that nothing was done. */
  #undone(taken: TakenCommand, error: Error, until: number): void {
    const isWithdrawn = isDeadlinePassed(error);
    this.#order.undone(taken);
    this.#withdrawn.undone(taken, isWithdrawn ? 'withdrawn' : 'refused');
    if (!isWithdrawn || until <= this.#world.queue.now) return;
    const { sending } = taken;
    throw new SimulationFailure('withdrawn-commands', `${sending} is withdrawn and waited for`);
  }

  #reply(request: Request, id: string, { status, code, a, b }: CommandOutcome): void {
    const answer = `${status} ${code} ${a} ${b}`;
    const isFinal = !isPending(code);
    // Who joins once more while joining is told so, and no last word follows: that is for the first join's id.
    const isJoiningAlready = code === outcome.joinPending && !this.#archive.isAskedFor(id);
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
    const batcher = new CommandBatcher({
      ...{ port, feed, clock: node.clock, origin: life, steadyNow: () => queue.now },
      config: fixedConfig({
        ...{ inflightMaxCommands: 60, inflightMaxBytes: 20_000, recordMaxBytes: 2_000 },
        ...{ waitMaxMs, recentOutcomes: 64 },
      }),
      onListenerError: (error) => {
        throw error;
      },
      askForLastWord: (commandId) => this.#archive.outcome(commandId, node.clock),
    });
    this.#gateway = { port, batcher, origin: life };
    this.#seedViews();
  }

  #seedViews(): void {
    this.views = new MemoryViews();
    const { node, plan } = this.#world;
    for (let partition = 0; partition < plan.partitionCount; partition++) {
      const { tables } = this.#watched.of(node!.processors[partition]!.fold.space);
      for (const hunt of tables.live) {
        this.views.setTies(idToHex(hunt.id.low, hunt.id.high), hunt.definition.ties);
      }
      const next = node!.log.partition(partition).end('events');
      this.views.seed(partition, next, standingsOf(tables));
    }
  }

  nodeDied(): void {
    this.#gateway = undefined;
    this.viewsBefore = this.views;
  }

  published(partition: number, offset: number, bytes: Uint8Array): void {
    this.#gateway?.port.publish(partition, offset, bytes);
    this.views.apply(partition, offset, bytes);
  }

  heal(): void {
    this.#ready = false;
    this.#impatience.calmDown();
    this.#archive.heal();
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
