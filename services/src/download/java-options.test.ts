import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { javaOptions } from './java-options.ts';

function givenOptions(t: TestContext, value: string | undefined): string[] {
  const { HUNT_SERVICES_JAVA: before } = process.env;
  t.after(() => {
    if (before === undefined) delete process.env['HUNT_SERVICES_JAVA'];
    else process.env['HUNT_SERVICES_JAVA'] = before;
  });
  if (value === undefined) delete process.env['HUNT_SERVICES_JAVA'];
  else process.env['HUNT_SERVICES_JAVA'] = value;
  return javaOptions('/run', ['/jars']);
}

test('options of the environment come after ours, and none where it has none', (t) => {
  const ours = givenOptions(t, undefined);
  assert.deepEqual(ours.slice(-2), ['-cp', '/jars:/jars/*']);
  assert.deepEqual(givenOptions(t, ''), ours);
  assert.deepEqual(givenOptions(t, ' -Xmx9m  -Da=b '), [...ours, '-Xmx9m', '-Da=b']);
});
