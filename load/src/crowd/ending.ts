import type { HttpAnswer } from '../generator/http-answer.ts';
import type { Action } from '../scenario/scenario-shape.ts';

/** What became of an arrival that was answered. */
export interface Ending {
  /** Decided, or read: what the player asked for was done, or refused by a rule of the hunt. */
  readonly isDecided: boolean;
  /** The outcome, or the id of the error. */
  readonly name: string;
}

const member = (body: string, name: string) =>
  new RegExp(`"${name}":"([\\w-]{1,64})"`).exec(body)?.[1];

const reads = new Set<Action>(['standings', 'progress']);

/**
 * Reads an answer of the API. A rule's refusal is a decision: the team has its answer. What the engine
 * did not decide, such as for lack of room, is an error with the id that it names, or `undecided` and
 * `answer-unexpected`.
 */
export function endingOf(action: Action, { status, body }: HttpAnswer): Ending {
  if (status === 202) return { isDecided: false, name: 'undecided' };
  if (status >= 200 && status < 300) {
    if (reads.has(action)) return { isDecided: true, name: 'read' };
    if (action === 'join') return { isDecided: true, name: 'joined' };
    const outcome = member(body, 'outcome');
    return { isDecided: outcome !== undefined, name: outcome ?? 'answer-unexpected' };
  }
  const code = member(body, 'code');
  if (code === undefined) return { isDecided: false, name: 'answer-unexpected' };
  return { isDecided: member(body, 'commandId') !== undefined, name: code };
}
