import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CodedError } from 'veltrix';
import { LiveConfig } from 'veltrix/config';
import type { LogConfig } from './log-settings.ts';
import { openLogging } from './logger.ts';

/** Lines as an operator's collector reads them, and a clock that only the test moves. */
function opened(level: LogConfig['level'] = 'auto') {
  const lines: string[] = [];
  const timers: { at: number; task: () => void }[] = [];
  let now = Date.UTC(2026, 0, 1);
  const clock = {
    now: () => now,
    after(delayMs: number, task: () => void) {
      const timer = { at: now + delayMs, task };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    defer: (task: () => void) => task(),
  };
  const config = new LiveConfig<LogConfig>({ level });
  const write = (line: string) => void lines.push(line);
  const logging = openLogging({ level: 'info', config, clock, write, node: 'one', release: '9' });
  return {
    logging,
    logger: logging.logger,
    config,
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => lines.join(''),
    pass(milliseconds: number) {
      now += milliseconds;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.task();
      }
    },
  };
}

describe('a log line', () => {
  test('has the names of the Elastic Common Schema, and the engine’s own under hunt', () => {
    const { logger, lines, text } = opened();
    const trace = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      flags: 1,
    };
    logger.warn({ partition: 3, trace }, 'owning');
    assert.deepEqual(lines(), [
      {
        'log.level': 'warn',
        '@timestamp': '2026-01-01T00:00:00.000Z',
        'ecs.version': '8.17.0',
        'event.dataset': 'hunt.log',
        'service.name': 'hunt',
        'service.version': '9',
        'service.node.name': 'one',
        'trace.id': trace.traceId,
        'span.id': trace.spanId,
        hunt: { partition: 3 },
        message: 'owning',
      },
    ]);
    assert.ok(text().endsWith('}\n'));
  });

  test('says of a coded error what it is and its id', () => {
    const { logger, lines } = opened();
    const definition = { retry: 'later', message: 'Full', cause: '', remedy: '' } as const;
    logger.error({ error: new CodedError('veltrix-log-full', definition, {}) }, 'stopped');
    const [line] = lines();
    assert.equal(line!['error.code'], 'veltrix-log-full');
    assert.equal(line!['error.message'], 'Full (veltrix-log-full)');
    assert.equal('error.stack_trace' in line!, false);
  });

  test('says of a fault where it happened, and not what was sent', () => {
    const { logger, lines, text } = opened();
    for (const fault of [
      () => JSON.parse('Canary Jones'),
      () => BigInt('Canary'),
      () => new URL('Canary'),
      () => assert.equal('Canary', ''),
      () => {
        throw new Error('cannot write\nCanary at :1');
      },
    ]) {
      assert.throws(fault, (error) => {
        logger.error(error as Error, 'a request failed');
        return true;
      });
    }
    assert.doesNotMatch(text(), /Canary/);
    assert.equal(lines().length, 5);
    for (const line of lines())
      assert.match(String(line['error.stack_trace']), /logging\.test\.ts/);
    logger.error(new TypeError('x is not a function'), 'a request failed');
    assert.equal(lines().at(-1)!['error.message'], 'x is not a function');
  });

  test('hides what has the shape of a secret or an e-mail address', () => {
    const { logger, text } = opened();
    for (const secret of [
      'redis://hunt:canary-pass@redis:6379',
      'authorization: Bearer canary-token.1',
      `token p1.${'canary_A-9'.repeat(6)}`,
      `key hok_${'canaryKey'.repeat(4)}`,
      'mail canary.jones+hunt@mail.example.org',
    ]) {
      logger.warn({ error: new Error(secret) }, 'waiting');
    }
    assert.doesNotMatch(text(), /canary/i);
    assert.match(text(), /redis:\/\/\[hidden\]@redis:6379/);
    for (const line of text().trimEnd().split('\n')) assert.doesNotThrow(() => JSON.parse(line));
  });
});

describe('the level', () => {
  test('is what the setting says as soon as it says so, and else what the program was told', () => {
    const { logger, config, lines } = opened();
    const child = () => logger.child({});
    logger.debug('one');
    config.replace({ level: 'debug' });
    logger.debug('two');
    child().debug('three');
    config.replace({ level: 'error' });
    logger.warn('four');
    config.replace({ level: 'auto' });
    logger.info('five');
    assert.deepEqual(
      lines().map(({ message }) => message),
      ['two', 'three', 'five'],
    );
  });

  test('is toggled until the setting changes', () => {
    const { logging, config } = opened('warn');
    assert.equal(logging.toggleDebug(), 'debug');
    assert.equal(logging.toggleDebug(), 'warn');
    logging.toggleDebug();
    config.replace({ level: 'error' });
    assert.equal(logging.logger.level, 'error');
  });
});

describe('lines that repeat', () => {
  const storm = ({ logger, pass }: ReturnType<typeof opened>, count: number) => {
    for (let index = 0; index < count; index++) {
      logger.child({ 'http.request.id': `r${index}` }).warn({ partition: 1 }, 'said "again"');
      pass(1);
    }
  };

  test('are written three times, and then counted', () => {
    const log = opened();
    storm(log, 1_000);
    assert.equal(log.lines().length, 3);
    log.pass(10_000);
    const told = log.lines();
    assert.equal(told.length, 4);
    assert.equal(told[3]!['message'], 'said "again" (repeated 997 times in 1 s)');
    assert.deepEqual(told[3]!['hunt'], { partition: 1 });
    storm(log, 1);
    assert.equal(log.lines().length, 5);
  });

  test('are told of when the log is closed', () => {
    const log = opened();
    storm(log, 5);
    log.logging.close();
    assert.match(String(log.lines().at(-1)!['message']), /repeated 2 times/);
  });

  test('hold back nothing that differs, and no memory without limit', () => {
    const log = opened();
    for (let partition = 0; partition < 1_000; partition++)
      log.logger.info({ partition }, 'owning');
    assert.equal(log.lines().length, 1_000);
    for (let index = 0; index < 10; index++) log.logger.warn('of its own');
    assert.equal(log.lines().length, 1_003);
    for (let partition = 0; partition < 64; partition++) log.logger.info({ partition }, 'owning');
    assert.equal(log.lines().length, 1_003 + 1 + 64);
    assert.ok(log.lines().some(({ message }) => /repeated 7 times/.test(String(message))));
  });
});
