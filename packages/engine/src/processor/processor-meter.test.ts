import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessorBoard } from './processor-board.ts';
import { ProcessorMeter, type ToldFault } from './processor-meter.ts';

const faulted = (meter: ProcessorMeter, error: unknown) =>
  meter.ofFold(0).faulted!({ of: 'command', type: 0x1ff, error });

test('a fault crosses between threads whatever hangs on it, and who listens stops nothing', () => {
  const meter = new ProcessorMeter(ProcessorBoard.make(1));
  const told: ToldFault[] = [];
  meter.onFault = (fault) => {
    told.push(structuredClone(fault));
    throw new Error('the listener has a fault, too');
  };
  const thrown = new RangeError('no such type', { cause: () => {} });
  faulted(meter, Object.assign(thrown, { more: () => {} }));
  const [{ error }] = told as [ToldFault];
  assert.ok(error instanceof RangeError);
  assert.deepEqual([error.message, error.stack], ['no such type', thrown.stack]);
});

test('of the faults of a type one is told between two looks at everything', () => {
  const meter = new ProcessorMeter(ProcessorBoard.make(1));
  const told: string[] = [];
  meter.onFault = ({ error }) => told.push(error.message);
  faulted(meter, new Error('first'));
  faulted(meter, new Error('second'));
  assert.deepEqual(told, ['first']);
  // It looks at once.
  meter.start(() => {});
  meter.stop();
  faulted(meter, new Error('third'));
  assert.deepEqual(told, ['first', 'third']);
});
