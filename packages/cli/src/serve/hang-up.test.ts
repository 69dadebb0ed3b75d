import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenForHangUp } from './hang-up.ts';

test('a hang-up before anybody follows is told then, once; later ones at once; none after the end', () => {
  const hangUp = listenForHangUp({ outIsTerminal: false, errIsTerminal: false });
  for (let count = 0; count < 3; count++) process.emit('SIGHUP');
  let told = 0;
  hangUp.follow(() => {
    told += 1;
  });
  assert.equal(told, 1);
  process.emit('SIGHUP');
  assert.equal(told, 2);
  assert.equal(hangUp.terminalGone.aborted, false);
  hangUp.dispose();
  process.emit('SIGHUP');
  assert.equal(told, 2);
  assert.equal(process.listenerCount('SIGHUP'), 0);
});
