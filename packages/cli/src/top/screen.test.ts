import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Screen } from './screen.ts';

class Keys extends EventEmitter {
  readonly isTTY: boolean;
  readonly calls: string[] = [];

  constructor(isTTY = true) {
    super();
    this.isTTY = isTTY;
  }

  setRawMode(isRaw: boolean): void {
    this.calls.push(`raw ${isRaw}`);
  }

  resume(): void {
    this.calls.push('resume');
  }

  pause(): void {
    this.calls.push('pause');
  }
}

function made(keys: Keys, size: { readonly columns?: number; readonly rows?: number } = {}) {
  let text = '';
  let quits = 0;
  const output = {
    ...size,
    write: (more: string) => {
      text += more;
    },
  };
  const screen = new Screen(keys, output, () => {
    quits += 1;
  });
  return { screen, text: () => text, quits: () => quits };
}

test('keys other than q and Ctrl-C do nothing, and after the end none does', () => {
  const keys = new Keys();
  const { screen, quits } = made(keys);
  for (const key of ['x', ' ', '\x1b[A']) keys.emit('data', Buffer.from(key));
  assert.equal(quits(), 0);
  for (const key of ['q', 'Q', '\x03']) keys.emit('data', Buffer.from(key));
  assert.equal(quits(), 3);
  screen.close();
  keys.emit('data', Buffer.from('q'));
  assert.equal(quits(), 3);
  assert.deepEqual(keys.calls, ['raw true', 'resume', 'raw false', 'pause']);
});

test('it is left once, and lines are drawn over what was there', () => {
  const { screen, text } = made(new Keys(), { columns: 0 });
  assert.deepEqual(screen.size, { columns: 80, rows: 24 });
  screen.draw('one\ntwo');
  screen.close();
  screen.close();
  assert.equal(
    text(),
    '\x1b[?1049h\x1b[?25l\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J\x1b[?25h\x1b[?1049l',
  );
});

test('what is piped in is not read', () => {
  const keys = new Keys(false);
  const { screen } = made(keys);
  screen.close();
  assert.deepEqual([keys.calls, keys.listenerCount('data')], [[], 0]);
});

test('a fault leaves the terminal, too', async () => {
  const code = `const { Screen } = await import(${JSON.stringify(new URL('./screen.ts', import.meta.url))});
new Screen(process.stdin, process.stdout, () => {});
throw new Error('a fault');`;
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '--eval', code], (_error, stdout) => {
      resolve(stdout);
    });
  });
  assert.ok(output.endsWith('\x1b[?25h\x1b[?1049l'), JSON.stringify(output));
});
