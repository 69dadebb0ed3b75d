import {
  commandType,
  type Id,
  noId,
  parseScanCode,
  placeDistanceMeters,
  type SubjectCommand,
} from '@hunt/rules';
import { engineErrors } from '../errors.ts';
import type { AnswerHashes } from './answer-hashes.ts';
import type { CommandRequest } from './command-request.ts';
import type { DirectoryHunt } from './hunt-directory.ts';

/** A command under construction; reused, as it is copied into a record at once. */
export class CommandDraft implements SubjectCommand {
  type = 0;
  receivedAt = 0;
  readonly commandId = new Uint8Array(16);
  hunt: Id = noId;
  team: Id = noId;
  player: Id = noId;
  item = 0;
  detail = 0;
  value = 0;
}

class HashedDraft extends CommandDraft {
  extra: Uint8Array = new Uint8Array(16);
}

const accuracyMax = 0xffff;

/**
 * Turns what a client wrote into what the rules decide: ids into numbers, answers into hashes, and
 * coordinates into a distance, so that neither an answer nor where somebody was reaches a log.
 */
export class CommandTranslator {
  readonly #answers: AnswerHashes;
  readonly #plain = new CommandDraft();
  readonly #hashed = new HashedDraft();

  constructor(answers: AnswerHashes) {
    this.#answers = answers;
  }

  /**
   * Type, item and values are set; who, when and the id are the caller's. Borrowed until the next call.
   * Throws `rules-step-unknown`, `rules-treasure-unknown`, `engine-answer-invalid`,
   * `engine-scan-code-invalid`.
   */
  translate(hunt: DirectoryHunt, request: CommandRequest): CommandDraft {
    switch (request.type) {
      case 'submit-answer': {
        const step = hunt.stepNumber(request.step);
        const hash = this.#answers.hash(hunt, request.answer);
        return this.#hash(commandType.submitAnswer, step, hash);
      }
      case 'scan-code': {
        const step = hunt.stepNumber(request.step);
        return this.#hash(commandType.scanCode, step, scanSignature(hunt, request));
      }
      case 'check-in':
        return this.#checkIn(hunt, request);
      case 'take-hint': {
        const step = hunt.stepNumber(request.step);
        return this.#item(commandType.takeHint, step, request.hint - 1);
      }
      case 'claim-treasure':
        return this.#item(commandType.claimTreasure, hunt.treasureNumber(request.treasure));
      case 'collect-treasure':
        return this.#item(commandType.collectTreasure, hunt.treasureNumber(request.treasure));
    }
  }

  #checkIn(
    hunt: DirectoryHunt,
    request: Extract<CommandRequest, { type: 'check-in' }>,
  ): CommandDraft {
    const step = hunt.stepNumber(request.step);
    const { place } = hunt.definition.steps[step]!;
    const accuracy = Math.min(Math.ceil(request.accuracyMeters), accuracyMax);
    // Without a place the rules refuse it, whatever the distance.
    const distance =
      place === null
        ? 0
        : placeDistanceMeters(
            place,
            Math.round(request.latitude * 1e7),
            Math.round(request.longitude * 1e7),
          );
    return this.#item(commandType.checkIn, step, accuracy, distance);
  }

  #item(type: number, item: number, detail = 0, value = 0): CommandDraft {
    const draft = this.#plain;
    draft.type = type;
    draft.item = item;
    draft.detail = detail;
    draft.value = value;
    return draft;
  }

  #hash(type: number, item: number, extra: Uint8Array): CommandDraft {
    const draft = this.#hashed;
    draft.type = type;
    draft.item = item;
    draft.extra = extra;
    return draft;
  }
}

function scanSignature(
  hunt: DirectoryHunt,
  { step, code }: { readonly step: string; readonly code: string },
): Uint8Array {
  const scan = parseScanCode(code);
  if (scan === undefined || scan.huntId !== hunt.slug || scan.stepId !== step) {
    throw engineErrors.create('engine-scan-code-invalid');
  }
  return scan.signature;
}
