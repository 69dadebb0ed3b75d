import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchStopped } from './gateway-impairments.ts';

test('a gateway is told of what stopped for good, before or after it was made, but for partitions, of which it hears itself', () => {
  const told: string[] = [];
  const failures: Error[] = [];
  const listeners: ((error: Error, isOver: boolean) => void)[] = [];
  const node = {
    fail: (error: Error, what: string) => {
      told.push(what);
      failures.push(error);
      for (const listener of listeners) listener(error, false);
    },
    onFailure: (listener: (error: Error, isOver: boolean) => void) => {
      for (const error of failures) listener(error, false);
      listeners.push(listener);
    },
  };
  let stop: (partition: number, error: Error) => void = () => {};
  const impair = watchStopped(node, {
    onStopped: (listener) => {
      stop = listener;
    },
  });
  node.fail(new Error('the archive'), 'archiving stopped');
  stop(3, new Error('partition 3'));
  const impairments: string[] = [];
  impair({ impair: ({ message }) => impairments.push(message) });
  const views = new Error('the views');
  node.fail(views, 'the views have stopped');
  node.fail(views, 'partition 5 is not shown');
  stop(4, new Error('partition 4'));
  assert.deepEqual(impairments, ['the archive', 'the views']);
  assert.deepEqual(told, [
    ...['archiving stopped', 'partition 3 is not followed'],
    ...['the views have stopped', 'partition 5 is not shown', 'partition 4 is not followed'],
  ]);
});
