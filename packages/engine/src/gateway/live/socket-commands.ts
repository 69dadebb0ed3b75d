import type { Deadline } from 'veltrix/resilience';
import type { TracedRequest } from '../../tracing/request-tracer.ts';
import type { CommandOutcome, OutcomeListener } from '../command-outcome.ts';
import type { KeyedCommand } from '../command-request.ts';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { notTakenJson, resultJson, undecidedJson } from '../outcome-json.ts';

interface Slot {
  readonly id: string | undefined;
  readonly request: KeyedCommand;
  commandId: string;
  /** Part of an array: its answer may come in one. */
  readonly inArray: boolean;
  readonly deadline: Pick<Deadline, 'at'>;
  readonly traced: TracedRequest | undefined;
}

export interface SocketCommandsOptions {
  readonly inflightMax: number;
  readonly hunt: () => DirectoryHunt;
  readonly sendText: (text: string) => void;
  readonly defer: (task: () => void) => void;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** The commands of one WebSocket that wait for their outcome. */
export class SocketCommands implements OutcomeListener {
  readonly #options: SocketCommandsOptions;
  readonly #slots: (Slot | undefined)[] = [];
  readonly #free: number[] = [];
  #gathered: string[] = [];
  #waiting = 0;
  #isPaused = false;

  constructor(options: SocketCommandsOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Takes a place for a command; `submit` sends it under the tag it is given and returns its id. */
  take(
    request: KeyedCommand,
    inArray: boolean,
    deadline: Pick<Deadline, 'at'>,
    submit: (tag: number) => string,
    traced?: TracedRequest,
  ): void {
    const tag = this.#free.pop() ?? this.#slots.length;
    const slot: Slot = { id: request.id, request, commandId: '', inArray, deadline, traced };
    this.#slots[tag] = slot;
    this.#waiting += 1;
    try {
      slot.commandId = submit(tag);
      traced?.admitted();
    } catch (error) {
      this.#answer(tag, notTakenJson(error));
      return;
    }
    if (this.#waiting < this.#options.inflightMax || this.#isPaused) return;
    this.#isPaused = true;
    this.#options.pause();
  }

  usefulUntil(tag: number): number {
    return this.#slots[tag]!.deadline.at;
  }

  onOutcome(tag: number, outcome: CommandOutcome): void {
    const { commandId, request, traced } = this.#slots[tag]!;
    traced?.decided();
    this.#answer(tag, resultJson(commandId, outcome, this.#options.hunt(), request));
  }

  onUndecided(tag: number): void {
    this.#answer(tag, undecidedJson(this.#slots[tag]!.commandId));
  }

  onRefused(tag: number, error: Error): void {
    this.#answer(tag, notTakenJson(error));
  }

  #answer(tag: number, result: string): void {
    const { id, inArray, traced } = this.#slots[tag]!;
    this.#slots[tag] = undefined;
    this.#free.push(tag);
    this.#waiting -= 1;
    this.reply(id, result, inArray);
    traced?.end('WebSocket command', { 'network.protocol.name': 'websocket' });
    if (!this.#isPaused || this.#waiting > this.#options.inflightMax / 2) return;
    this.#isPaused = false;
    this.#options.resume();
  }

  /** Sends one result; those to arrays go together, as arrays. */
  reply(id: string | undefined, result: string, inArray: boolean): void {
    const text = id === undefined ? result : `{"id":${JSON.stringify(id)},${result.slice(1)}`;
    if (!inArray) {
      this.#options.sendText(text);
      return;
    }
    if (this.#gathered.push(text) > 1) return;
    this.#options.defer(() => {
      const gathered = this.#gathered;
      this.#gathered = [];
      this.#options.sendText(`[${gathered.join(',')}]`);
    });
  }
}
