import { encodeIdentityRecord, formatVersion } from '../embedded/journal-format.ts';
import type { LogIdentity } from '../log.ts';
import type { BatchLabel } from './record-batch.ts';

/*
 * Every batch is labelled with the identity record of its log and partition, so that the identity is
 * still known when retention has let go of record 0, and what another log wrote is seen at once.
 */
const dataLabel = 'veltrix';
/** Record 0; and those of processes that made the log at the same time and came second. */
const identityLabel = 'veltrix-identity';

export function labelOf(identity: LogIdentity, partition: number): BatchLabel {
  return { name: dataLabel, value: encodeIdentityRecord(identity, partition) };
}

export function identityLabelOf(identity: LogIdentity, partition: number): BatchLabel {
  return { name: identityLabel, value: encodeIdentityRecord(identity, partition) };
}

export interface LabelView {
  readonly identity: LogIdentity;
  readonly partition: number;
  /** The batch holds no records of the application. */
  readonly isIdentity: boolean;
}

/** Who wrote a batch; a string says why nobody knows. */
export function readLabel(label: BatchLabel | undefined): LabelView | string {
  if (label?.name !== dataLabel && label?.name !== identityLabel) return 'it was not written by us';
  const { value } = label;
  if (value.length !== 32) return `its label has ${value.length} bytes`;
  if (value[0] !== formatVersion) return `it has format version ${value[0]}`;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return {
    identity: {
      logId: Buffer.from(value.subarray(16)).toString('hex'),
      partitionCount: view.getUint32(4, true),
      dedupeWindow: view.getUint32(8, true),
    },
    partition: view.getUint32(12, true),
    isIdentity: label.name === identityLabel,
  };
}
