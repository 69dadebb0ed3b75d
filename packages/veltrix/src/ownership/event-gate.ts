import { veltrixErrors } from '../errors.ts';
import { recordFormatVersion } from '../records/command-record.ts';
import { decisionRecordHeaderBytes, decisionRecordKind } from '../records/decision-record.ts';
import { ownerRecordKind, readOwnerStarted } from '../records/owner-record.ts';

/** What a reader must keep, beside the offset, to go on reading events where it stopped. */
export interface GatePosition {
  /** Epoch of the latest owner; 0 before the first. */
  readonly epoch: number;
  /** Number of the latest decision record of this owner; 0 before the first. */
  readonly sequence: number;
  /** Offset of the latest command record decided; -1 before the first. */
  readonly decidedOffset: number;
}

/** Before the first event. */
export const firstPosition: GatePosition = { epoch: 0, sequence: 0, decidedOffset: -1 };

export interface GateVerdict {
  readonly kind: 'owner' | 'decisions';
  /**
   * Why readers must take no notice of the record; undefined when it counts.
   * - `stale-owner`: a claim whose epoch is not above the current one.
   * - `other-epoch`: decided by who is not the owner.
   * - `repeat`: its command record is decided already.
   * - `out-of-sequence`: the owner's decision record before it did not arrive.
   */
  readonly dropped?: 'stale-owner' | 'other-epoch' | 'repeat' | 'out-of-sequence';
}

const acceptedOwner: GateVerdict = { kind: 'owner' };
const acceptedDecisions: GateVerdict = { kind: 'decisions' };
const staleOwner: GateVerdict = { kind: 'owner', dropped: 'stale-owner' };
const otherEpoch: GateVerdict = { kind: 'decisions', dropped: 'other-epoch' };
const repeat: GateVerdict = { kind: 'decisions', dropped: 'repeat' };
const outOfSequence: GateVerdict = { kind: 'decisions', dropped: 'out-of-sequence' };

/**
 * Tells which records of a partition's event stream count. Several processes may write to it, each
 * record may be there more than once, late or never; whoever shows the records to a gate in offset
 * order gets the same verdicts, so all readers see one and the same sequence of decisions.
 *
 * A log that one process has to itself has no owner records: there all decisions count that do not
 * repeat one, whatever epoch they name.
 */
export class EventGate {
  #epoch: number;
  #sequence: number;
  #decidedOffset: number;
  #token: Uint8Array | undefined;
  #node = '';

  /** @param position where the reader stopped. */
  constructor(position: GatePosition = firstPosition) {
    this.#epoch = position.epoch;
    this.#sequence = position.sequence;
    this.#decidedOffset = position.decidedOffset;
  }

  get position(): GatePosition {
    const [epoch, sequence, decidedOffset] = [this.#epoch, this.#sequence, this.#decidedOffset];
    return { epoch, sequence, decidedOffset };
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Offset of the latest command record decided; -1 before the first. */
  get decidedOffset(): number {
    return this.#decidedOffset;
  }

  /** Of the current owner's claim; undefined when it was not read by this gate. */
  get token(): Uint8Array | undefined {
    return this.#token;
  }

  /** Name of the current owner; empty when its claim was not read by this gate. */
  get node(): string {
    return this.#node;
  }

  /** Judges the next record. Throws `veltrix-record-invalid` for one of an unknown kind or version. */
  judge(offset: number, bytes: Uint8Array): GateVerdict {
    const [version, kind] = bytes;
    if (version === recordFormatVersion && kind === ownerRecordKind) {
      return this.#judgeOwner(offset, bytes);
    }
    if (
      version !== recordFormatVersion ||
      kind !== decisionRecordKind ||
      bytes.length < decisionRecordHeaderBytes
    ) {
      throw invalid(offset, `format version ${version}, kind ${kind}, ${bytes.length} bytes`);
    }
    return this.#judgeDecisions(bytes);
  }

  #judgeOwner(offset: number, bytes: Uint8Array): GateVerdict {
    const owner = readOwnerStarted(bytes);
    if (typeof owner === 'string') throw invalid(offset, owner);
    if (owner.epoch <= this.#epoch) return staleOwner;
    this.#epoch = owner.epoch;
    this.#sequence = 0;
    this.#token = owner.token;
    this.#node = owner.node;
    return acceptedOwner;
  }

  #judgeDecisions(bytes: Uint8Array): GateVerdict {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const commandOffset = Number(view.getBigUint64(24, true));
    if (this.#epoch > 0) {
      if (view.getUint32(8, true) !== this.#epoch) return otherEpoch;
      if (commandOffset <= this.#decidedOffset) return repeat;
      const sequence = nextSequence(this.#sequence);
      if (view.getUint32(20, true) !== sequence) return outOfSequence;
      this.#sequence = sequence;
    } else if (commandOffset <= this.#decidedOffset) return repeat;
    this.#decidedOffset = commandOffset;
    return acceptedDecisions;
  }
}

/** Number of an owner's decision record after the one numbered `sequence`; after 2^32 - 1 comes 0. */
export function nextSequence(sequence: number): number {
  return (sequence + 1) >>> 0;
}

function invalid(offset: number, reason: string): Error {
  return veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
}
