import { veltrixErrors } from '../errors.ts';
import type { CommandView } from '../records/command-record.ts';
import { decisionStatus } from '../records/decision-record.ts';
import type { Decision } from './decision.ts';
import type { FoldEffects } from './fold-effects.ts';
import { platformCode, platformCommand, platformEvent } from './platform-records.ts';
import type { PlatformState } from './platform-state.ts';

/** What the commands of the platform are decided by, and what their decisions are written to. */
export interface PlatformDecider {
  readonly platform: PlatformState;
  readonly decision: Decision;
  readonly effects: FoldEffects;
}

/**
 * Writes the platform's part of the decision of a platform command. Returns the type of the application's
 * command in the envelope where that has to be decided too: that of a timer once the events written are
 * in the state, one of another partition behind a call to `writeReceived`.
 */
export function decidePlatform(
  { view, type, payloadStart }: CommandView,
  decider: PlatformDecider,
): number | undefined {
  switch (type) {
    case platformCommand.timerFired:
      return decideTimer(view, payloadStart, decider);
    case platformCommand.message:
      return decideMessage(view, payloadStart, decider);
    case platformCommand.outboxAcknowledged:
      return decideAcknowledgement(view, payloadStart, decider);
    default:
      throw veltrixErrors.create('veltrix-record-invalid', {
        stream: 'commands',
        offset: decider.platform.decidedOffset + 1,
        reason: `platform command ${type} is unknown`,
      });
  }
}

function decideTimer(
  view: DataView,
  payloadStart: number,
  { platform, decision }: PlatformDecider,
): number | undefined {
  const number = view.getUint32(payloadStart, true);
  if (!platform.timers.has(number)) {
    decision.outcome(decisionStatus.repeated, platformCode.timerGone, 0, 0);
    return undefined;
  }
  const start = decision.event(platformEvent.timerCleared, 1, 8);
  decision.view.setUint32(start, number, true);
  return view.getUint16(payloadStart + 4, true);
}

function decideMessage(
  view: DataView,
  payloadStart: number,
  { platform, decision, effects }: PlatformDecider,
): number | undefined {
  const source = view.getUint16(payloadStart, true);
  const sequence = view.getUint32(payloadStart + 4, true);
  const last = platform.outbox.lastReceived(source);
  effects.received(source);
  if (sequence <= last) {
    decision.outcome(decisionStatus.repeated, platformCode.none, 0, 0);
    return undefined;
  }
  if (sequence > last + 1) {
    decision.reject(platformCode.messageOutOfOrder);
    return undefined;
  }
  return view.getUint16(payloadStart + 2, true);
}

/** Writes that the next message of its source is received. */
export function writeReceived({ view, payloadStart }: CommandView, decision: Decision): void {
  const start = decision.event(platformEvent.messageReceived, 1, 8);
  decision.view.setUint16(start, view.getUint16(payloadStart, true), true);
  decision.view.setUint32(start + 4, view.getUint32(payloadStart + 4, true), true);
}

function decideAcknowledgement(
  view: DataView,
  payloadStart: number,
  { platform, decision }: PlatformDecider,
): undefined {
  const destination = view.getUint16(payloadStart, true);
  const sequence = view.getUint32(payloadStart + 4, true);
  const { outbox } = platform;
  if (
    sequence <= outbox.lastAcknowledged(destination) ||
    sequence >= outbox.nextSequence(destination)
  ) {
    decision.outcome(decisionStatus.repeated, platformCode.none, 0, 0);
    return;
  }
  const start = decision.event(platformEvent.outboxTrimmed, 1, 8);
  decision.view.setUint16(start, destination, true);
  decision.view.setUint32(start + 4, sequence, true);
}
