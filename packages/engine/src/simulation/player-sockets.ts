import type { Id } from '@hunt/rules';
import type { Clock } from 'veltrix';
import { SimulationFailure } from 'veltrix/simulator';
import type { CommandOutcome, OutcomeListener } from '../gateway/command-outcome.ts';
import { DirectoryHunt } from '../gateway/hunt-directory.ts';
import { SocketCommands } from '../gateway/live/socket-commands.ts';
import { resultJson } from '../gateway/outcome-json.ts';
import { deadlinePassed } from '../gateway/passed-deadlines.ts';
import type { ToldOutcomes } from './checkers/told-outcomes.ts';
import type { CrowdHunt } from './crowd.ts';

const name = 'player-sockets';

/** A command that comes by a socket. */
export interface SocketSending {
  readonly hunt: Id;
  /** 32 hexadecimal digits. */
  readonly commandId: string;
  /** Hears what the socket says of it. */
  readonly listener: OutcomeListener;
  /** Sends it for the socket, which hears of it by the tag. */
  readonly send: (socket: OutcomeListener, tag: number) => void;
}

interface SocketAnswer {
  readonly id: string;
  /** Of what was decided. */
  readonly commandId?: string;
  readonly undecidedCommandId?: string;
  /** Of an error. */
  readonly code?: string;
}

/**
 * The WebSockets by which players reach one life of a gateway, one for each hunt. What they say of a command is held
 * against what the log has of it, and each command is told once.
 */
export class PlayerSockets {
  readonly #told: ToldOutcomes;
  /** By hunt. */
  readonly #sockets = new Map<string, { hunt: DirectoryHunt; commands: SocketCommands }>();
  /** By the key under which it was sent. */
  readonly #waiting = new Map<string, SocketSending>();
  #sent = 0;

  constructor(hunts: readonly CrowdHunt[], clock: Pick<Clock, 'defer'>, told: ToldOutcomes) {
    this.#told = told;
    for (const { id, published } of hunts) {
      const hunt = new DirectoryHunt(published);
      const commands = new SocketCommands({
        inflightMax: Number.POSITIVE_INFINITY,
        hunt: () => hunt,
        sendText: (text) => this.#hear(text),
        defer: (task) => clock.defer(task),
        // None has to wait to be read.
        ...{ pause: () => {}, resume: () => {} },
      });
      this.#sockets.set(keyOf(id), { hunt, commands });
    }
  }

  send(sending: SocketSending): void {
    const { commands } = this.#sockets.get(keyOf(sending.hunt))!;
    const key = String(++this.#sent);
    this.#waiting.set(key, sending);
    commands.take(requestOf(key), false, { at: sending.listener.usefulUntil(0) }, (tag) => {
      sending.send(commands, tag);
      return sending.commandId;
    });
  }

  #hear(text: string): void {
    const { id: key, commandId, undecidedCommandId, code } = JSON.parse(text) as SocketAnswer;
    const sending = this.#waiting.get(key);
    if (sending === undefined) throw new SimulationFailure(name, `told twice: ${text}`);
    this.#waiting.delete(key);
    const { listener } = sending;
    if (commandId !== undefined) listener.onOutcome(0, this.#outcomeOf(key, sending, text));
    else if (undecidedCommandId === sending.commandId) listener.onUndecided(0);
    else if (undecidedCommandId === undefined)
      listener.onRefused(0, code === 'engine-deadline-passed' ? deadlinePassed() : new Error(code));
    else throw new SimulationFailure(name, `${sending.commandId} is told: ${text}`);
  }

  /** Of those that the log has for the command, the one that the text says. */
  #outcomeOf(key: string, { hunt, commandId }: SocketSending, text: string): CommandOutcome {
    const socket = this.#sockets.get(keyOf(hunt))!;
    for (const logged of this.#told.logged(commandId)) {
      for (const repeated of [false, true]) {
        const outcome = { ...logged, repeated };
        const result = resultJson(commandId, outcome, socket.hunt, requestOf(key));
        if (text === `{"id":"${key}",${result.slice(1)}`) return outcome;
      }
    }
    throw new SimulationFailure(name, `${commandId} is told what the log does not have: ${text}`);
  }
}

/** Only hints are told with more than their outcome. */
function requestOf(id: string) {
  return { id, type: 'claim-treasure', treasure: '' } as const;
}

function keyOf({ low, high }: Id): string {
  return `${low} ${high}`;
}
