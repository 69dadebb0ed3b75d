import type { Clock } from 'veltrix';
import { SeededRandom, type SimulatedWorld } from 'veltrix/simulator';
import { askedOutcome } from '../gateway/asked-outcome.ts';
import { commandIdBytes } from '../gateway/command-submitter.ts';
import type { RecentOutcomes } from '../gateway/recent-outcomes.ts';
import type { GatewayMemory } from './checkers/gateway-memory.ts';
import type { Told, ToldOutcomes } from './checkers/told-outcomes.ts';
import type { SimulatedArchive } from './simulated-archive.ts';

/** So many of the latest commands are asked for most often. */
const latestMax = 12;

/** One life of a gateway, as those who ask see it. */
export interface AskedGateway {
  readonly recent: RecentOutcomes;
  readonly clock: Clock;
  readonly memory: GatewayMemory;
}

/** A command that somebody has sent. */
export interface SentCommand {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Its sender was told that another partition has it, and nothing more. */
  readonly isPending: boolean;
}

/**
 * People who ask what became of commands, many in the same moment: of those that were just sent, of old ones, of what
 * is pending, of what was never sent. They have their own chance, so that a seed's world is the same without them.
 */
export class Askers {
  readonly #world: SimulatedWorld;
  readonly #archive: SimulatedArchive;
  readonly #told: ToldOutcomes;
  readonly #random: SeededRandom;
  #gateway: AskedGateway | undefined;
  #commands: readonly SentCommand[] = [];
  /** By this gateway. */
  #searched: Pick<SentCommand, 'id'>[] = [];

  constructor(world: SimulatedWorld, archive: SimulatedArchive, told: ToldOutcomes) {
    this.#world = world;
    this.#archive = archive;
    this.#told = told;
    this.#random = new SeededRandom(world.plan.seed, 29);
  }

  /** @param commands that they ask for; others may be added */
  begin(commands: readonly SentCommand[]): void {
    this.#commands = commands;
    for (let left = this.#random.between(4, 10); left > 0; left--) {
      this.#askAfter(this.#random.between(0, this.#world.plan.durationMs));
    }
  }

  /** Who lost their connection when the last gateway died come at once. */
  gatewayStarted(gateway: AskedGateway): void {
    this.#gateway = gateway;
    this.#searched = [];
    for (const mostMs of [5, 250]) this.#askAfter(this.#random.between(0, mostMs));
  }

  /** The gateway searches for the last word of a command that was decided before its start: its sender's team asks, too. */
  searched(commandId: string): void {
    this.#searched.push({ id: commandId });
    for (const mostMs of [120, 600]) this.#askAfter(this.#random.between(0, mostMs));
  }

  gatewayDied(): void {
    this.#gateway = undefined;
  }

  heal(): void {
    this.#askAfter(0);
  }

  #askAfter(delayMs: number): void {
    if (this.#isWithin(delayMs)) this.#world.queue.schedule(delayMs, () => this.#askTogether());
  }

  /** Nothing of theirs happens just when the faults end: healing would begin at another time than without them. */
  #isWithin(delayMs: number): boolean {
    const { queue, plan } = this.#world;
    return queue.now >= plan.durationMs || queue.now + delayMs < plan.durationMs;
  }

  #askTogether(): void {
    if (!this.#gateway) return;
    this.#world.awaitPromises();
    for (let left = this.#random.pick([1, 3, 8]); left > 0; left--) {
      void this.#ask(this.#gateway, this.#draw());
    }
  }

  #draw(): string {
    const random = this.#random;
    const draw = random.pick([
      () => this.#commands.slice(-latestMax),
      () => this.#commands.filter(({ isPending }) => isPending),
      () => this.#searched,
      () => this.#commands,
    ]);
    const commands = draw();
    if (commands.length > 0) return random.pick(commands).id;
    return Buffer.from(random.bytes(16)).toString('hex');
  }

  async #ask({ recent, clock, memory }: AskedGateway, commandId: string): Promise<void> {
    const archive = this.#archive.connect(
      {
        after: (delayMs, task) => (this.#isWithin(delayMs) ? clock.after(delayMs, task) : unheard),
      },
      this.#random,
    );
    const question = this.#told.asked(commandId, memory);
    let told: Told;
    try {
      const outcome = await askedOutcome(
        { recent, archive },
        commandId,
        commandIdBytes(commandId)!,
      );
      told = { outcome };
    } catch (error) {
      told = { error };
    }
    try {
      this.#told.answered(question, told, archive.hasFailed);
    } catch (failure) {
      // Nobody waits for this promise: the world has to hear of it.
      this.#world.queue.schedule(0, () => {
        throw failure;
      });
    }
  }
}

/** What takes back a task that was not taken. */
function unheard(): void {}
