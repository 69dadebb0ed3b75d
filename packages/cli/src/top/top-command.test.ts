import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { huntProgram } from '../testing/hunt-process.ts';
import { type MetricsPageServer, serveMetricsPage } from '../testing/metrics-page-server.ts';
import { onPath } from '../testing/on-path.ts';

const partitions = Array.from({ length: 40 }, (_, partition) => partition);

/** A process with forty partitions, of which the seventh is the busiest. */
const page = (asked: number) => `
hunt_process_uptime_seconds ${100 + asked}
hunt_process_cpu_seconds_total ${asked}
hunt_process_available_cores 4
hunt_process_resident_bytes 314572800
hunt_gateway_commands_total{result="decided"} ${asked * 1_000}
hunt_gateway_commands_total{result="shed"} ${asked * 10}
hunt_gateway_commands_total{result="withdrawn"} ${asked * 20}
hunt_gateway_knee_ratio{source="utilisation"} 0.25
hunt_gateway_decision_seconds_bucket{le="0.005"} ${asked * 900}
hunt_gateway_decision_seconds_bucket{le="0.01"} ${asked * 1_000}
hunt_gateway_decision_seconds_bucket{le="+Inf"} ${asked * 1_000}
hunt_gateway_decision_seconds_sum ${asked * 4}
hunt_gateway_decision_seconds_count ${asked * 1_000}
hunt_thread_active_seconds_total{thread="main"} ${asked * 0.3}
hunt_thread_idle_seconds_total{thread="main"} ${asked * 0.7}
hunt_thread_delay_p99_seconds{thread="main"} 0.002
${partitions
  .map(
    (partition) =>
      `hunt_processor_fold_seconds_total{partition="${partition}"} ${asked * (partition === 7 ? 0.5 : 0.01)}
hunt_processor_decisions_total{partition="${partition}",status="accepted"} ${asked * 25}
hunt_processor_state_bytes{partition="${partition}"} 131072
hunt_lag_seconds{consumer="archiver",partition="${partition}"} 0.5`,
  )
  .join('\n')}
hunt_queue_entries{queue="gateway-inflight"} 12
hunt_queue_bytes{queue="gateway-inflight"} 1200
hunt_queue_filled_ratio{queue="gateway-inflight"} 0.0006
hunt_queue_oldest_seconds{queue="gateway-inflight"} 0.004
hunt_queue_entries{queue="outbox",partition="3"} 0
hunt_dependency_up_state{dependency="views"} 0
`;

let server: MetricsPageServer;
before(async () => {
  server = await serveMetricsPage(page);
});
after(() => server.close());

const top = (flags: readonly string[], columns = 80) =>
  huntInProcess(['top', '--target', server.url, '--every', '1', ...flags], { columns });

test('one look has nodes, partitions, queues and latencies; the busiest partition stands first', async () => {
  const { code, output } = await top(['--once']);
  assert.equal(code, 0);
  assert.match(
    output,
    /commands\/s decided, [\d.]+\/s shed, [\d.]+\/s withdrawn, 25% of the\s+knee, over/,
  );
  assert.match(output, /^decision +[\d,.]+ +2\.78 ms +5 ms +9\.5 ms$/m);
  assert.match(output, /^127\.0\.0\.1:\d+ +[\d.]+\/4 +300 MiB +30% +0% +2 ms +- +40 +views$/m);
  const [first, ...rows] = output.match(/^ +\d+ {2}127\.0\.0\.1.*$/gm)!;
  assert.match(first!, /^ +7 /);
  assert.equal(rows.length, 39);
  assert.match(output, /^gateway-inflight +127\.0\.0\.1:\d+ +12 +1\.17 KiB +0\.1% +4 ms$/m);
  assert.doesNotMatch(output, /outbox/, 'nothing waits there');
  assert.ok(!output.includes('\x1b'));
  for (const line of output.split('\n')) assert.ok(line.length <= 80, line);
});

test('a narrow terminal has the same in more lines', async () => {
  const { output } = await top(['--once'], 40);
  for (const line of output.split('\n')) assert.ok(line.length <= 40, line);
  assert.match(output, /^partition 7$/m);
  assert.match(output, /^queue gateway-inflight$/m);
});

test('JSON has everything, also queues in which nothing waits', async () => {
  const { output } = await top(['--json']);
  const {
    nodes,
    partitions: shown,
    queues,
    latencies,
    commandsPerSecond,
    kneeRatio,
  } = JSON.parse(output);
  assert.deepEqual([nodes.length, shown.length, kneeRatio], [1, 40, 0.25]);
  assert.deepEqual([shown[0].partition, shown[0].archiveLagSeconds], [7, 0.5]);
  assert.deepEqual(
    queues.map(({ queue, partition }: { queue: string; partition: number }) => [queue, partition]),
    [
      ['gateway-inflight', null],
      ['outbox', 3],
    ],
  );
  assert.deepEqual(nodes[0].without, ['views']);
  assert.ok(Math.abs(latencies[0].p99 - 0.0095) < 1e-9);
  assert.ok(Math.abs(commandsPerSecond.decided - 100 * commandsPerSecond.shed) < 1);
  assert.ok(Math.abs(commandsPerSecond.withdrawn - 2 * commandsPerSecond.shed) < 1);
});

test('a process that does not answer is an error', async () => {
  const { code, errors } = await huntInProcess(['top', '--once', '--target', 'http://127.0.0.1:9']);
  assert.equal(code, 69);
  assert.match(errors, /cli-nothing-measured/);
});

/** In a terminal of its own, of so many columns and rows. */
function inTerminal(command: string) {
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  });
  let output = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const look of waiting) look();
  });
  const closed = once(child, 'close');
  return {
    child,
    output: () => output,
    ended: async () => (await closed)[0] as number,
    shows: (text: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!text.test(output)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void closed.then(() => reject(new Error(`it ended: ${output}`)));
        look();
      }),
  };
}

const skip = onPath('script') && onPath('stty') ? false : 'needs: script, stty';

for (const [what, keys] of [
  ['q', 'q'],
  ['Ctrl-C', '\x03'],
] as const) {
  test(`on a terminal it draws until ${what}, and leaves the terminal as it was`, {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const hunt = `${process.execPath} ${huntProgram} top --every 1 --target ${server.url}`;
    const terminal = inTerminal(`stty cols 60 rows 18; stty -g; ${hunt}; echo "code $?"; stty -g`);
    t.after(() => terminal.child.kill('SIGKILL'));
    await terminal.shows(/and \d+ more partitions/);
    terminal.child.stdin.write(keys);
    await terminal.shows(/code \d+/);
    assert.equal(await terminal.ended(), 0);
    const output = terminal.output();
    const drawn = output.slice(output.indexOf('\x1b[?1049h'), output.indexOf('\x1b[?1049l'));
    assert.ok(drawn.startsWith('\x1b[?1049h\x1b[?25l') && drawn.endsWith('\x1b[?25h'));
    for (const screen of drawn.split('\x1b[H').slice(1)) {
      // The terminal adds a return to each new line, also to one that has its own.
      const lines = stripVTControlCharacters(screen).split(/\r+\n/);
      assert.ok(lines.length <= 18, `${lines.length} lines`);
      for (const line of lines) assert.ok(line.length <= 60, line);
    }
    assert.match(output, /code 0/);
    const settings = output.match(/^[\da-f]+(:[\da-f]+)+\r?$/gm)!;
    assert.equal(settings.length, 2);
    assert.equal(settings[1], settings[0]);
  });
}
