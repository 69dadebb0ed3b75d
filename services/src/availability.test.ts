import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { givenAddresses, requirePrograms, whyNoJMeter, whyNotAvailable } from './availability.ts';
import { startRedis } from './redis/redis.ts';

/** A PATH with these programs only, an empty cache, and no address given; all restored afterwards. */
function machineWith(t: TestContext, ...programs: string[]): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'hunt-machine-'));
  for (const program of programs) writeFileSync(path.join(folder, program), '', { mode: 0o755 });
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
    rmSync(folder, { recursive: true });
  });
  process.env = { PATH: folder, HUNT_SERVICES_CACHE: path.join(folder, 'cache') };
}

test('a skip names what is missing, so that CI can tell it from other skips', (t) => {
  machineWith(t);
  assert.equal(whyNotAvailable('kafka'), 'needs: java, mvn');
  assert.equal(whyNotAvailable('kafka3'), 'needs: java, mvn');
  assert.equal(whyNotAvailable('cassandra'), 'needs: java, mvn');
  assert.equal(whyNotAvailable('zookeeper'), 'needs: java, mvn');
  assert.equal(whyNotAvailable('redis'), 'needs: redis-server');
  assert.equal(whyNotAvailable('prometheus'), 'needs: prometheus');
  assert.equal(whyNoJMeter(), 'needs: java, mvn');
});

test('what is there is not named', (t) => {
  machineWith(t, 'java', 'redis-server');
  assert.equal(whyNotAvailable('kafka'), 'needs: mvn');
  assert.equal(whyNotAvailable('redis'), undefined);
});

test('a start without the program says what to install, or to set', async (t) => {
  machineWith(t);
  await assert.rejects(startRedis(), {
    message:
      'redis needs redis-server on the PATH: apt-get install redis-server on Debian, ' +
      'or set HUNT_REDIS to the address of one that runs',
  });
  assert.throws(() => requirePrograms('kafka3'), {
    message:
      'kafka3 needs java and mvn on the PATH: apt-get install default-jre-headless maven on ' +
      'Debian, or set HUNT_KAFKA3 to the address of one that runs',
  });
});

test('an address that the environment gives is used, and has to answer', async (t) => {
  machineWith(t);
  process.env['HUNT_KAFKA'] = ' one:1, two:2 ,';
  assert.deepEqual(givenAddresses('kafka'), ['one:1', 'two:2']);
  assert.equal(whyNotAvailable('kafka'), undefined);
  assert.equal(givenAddresses('redis'), undefined);
  process.env['HUNT_REDIS'] = '127.0.0.1:1';
  await assert.rejects(startRedis(), /no redis answers at 127\.0\.0\.1:1, which the environment/);
});
