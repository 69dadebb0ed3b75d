import assert from 'node:assert/strict';
import { test } from 'node:test';
import driver from 'cassandra-driver';
import { failedVote } from './failed-vote.ts';

const { errors, types } = driver;
const codes = types.responseErrorCodes;
const told = (code: number, more = {}) => Object.assign(new errors.ResponseError(code, ''), more);

test('a vote that too many want, one that was not answered, and one that may not be asked again', () => {
  const closed = Object.assign(new Error('Socket was closed'), { isSocketError: true });
  const cases = [
    [told(codes.writeTimeout, { writeType: 'CAS' }), 'contended'],
    [told(0x1700), 'contended'],
    // Decided, and nobody knows how far it was told.
    [told(codes.writeTimeout, { writeType: 'SIMPLE' }), 'unanswered'],
    [told(codes.unavailableException), 'unanswered'],
    [told(codes.overloaded), 'unanswered'],
    [told(codes.isBootstrapping), 'unanswered'],
    [told(codes.readTimeout), 'unanswered'],
    [new errors.OperationTimedOutError(''), 'unanswered'],
    [closed, 'unanswered'],
    [told(codes.serverError), undefined],
    [told(codes.writeFailure), undefined],
    [told(codes.syntaxError), undefined],
    [told(codes.unauthorized), undefined],
    [new errors.NoHostAvailableError({}), undefined],
    [new Error('of ours'), undefined],
  ] as const;
  for (const [error, expected] of cases) {
    assert.equal(failedVote(error, errors), expected, `${error}`);
  }
});
