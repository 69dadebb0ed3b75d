import assert from 'node:assert/strict';
import { CodedError } from '../../coded-error.ts';
import { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';

/** The error that a log is refused with. */
export async function refusal(options: KafkaLogOptions): Promise<CodedError> {
  try {
    const log = await openKafkaSharedLog(options);
    log.close(() => {});
  } catch (error) {
    assert.ok(error instanceof CodedError, `${error}`);
    assert.equal(error.cause instanceof CodedError, false);
    return error;
  }
  return assert.fail('it was opened');
}
