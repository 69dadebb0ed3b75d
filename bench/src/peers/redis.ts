import net from 'node:net';
import path from 'node:path';
import { withTemporaryDirectory } from '../measure/temporary-directory.ts';
import { findProgram } from './find-program.ts';
import { withPeer } from './peer-process.ts';
import type { PeerResult } from './peer-result.ts';

/**
 * A claim as the engine decides it: asked again under the same id it has the same outcome, one prize per
 * player, never more than the stock.
 */
const claimScript = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return tonumber(known) end
local outcome = 1
if redis.call('SADD', KEYS[2], ARGV[2]) == 0 then outcome = 2
elseif redis.call('DECR', KEYS[3]) < 0 then outcome = 3 end
redis.call('HSET', KEYS[1], ARGV[1], outcome)
return outcome`;

/** Tried in turn: claims in the air on each connection, and connections. The best is the reference. */
const depths = [64, 256, 1_024, 4_096];
const connectionCounts = [1, 4, 16];

/**
 * Claims a second that Redis decides durably with a Lua script over a Unix socket, at the best of several
 * pipelines; 0 leaves it out. The client writes ready-made bytes and counts replies: it costs less than any driver.
 */
export async function redisClaims(claims: number): Promise<PeerResult> {
  if (claims === 0) return { missing: 'left out' };
  const file = findProgram('redis-server');
  if (file === undefined) return { missing: 'redis-server is not installed' };
  return withTemporaryDirectory(async (directory) => {
    const socket = path.join(directory, 'redis.sock');
    const options = ['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', ''];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--daemonize', 'no'];
    return withPeer({ file, arguments: [...options, ...durable], socket }, async () => {
      const version = /redis_version:(\S+)/.exec(await ask(socket, ['INFO', 'server']))?.[1];
      const sha = /[0-9a-f]{40}/.exec(await ask(socket, ['SCRIPT', 'LOAD', claimScript]))![0];
      const results: { perSecond: number; depth: number; connections: number }[] = [];
      for (const connections of connectionCounts) {
        for (const depth of depths) {
          await ask(socket, ['FLUSHALL']);
          await ask(socket, ['SET', 'stock', String(claims)]);
          const each = Math.ceil(claims / connections);
          const start = performance.now();
          await Promise.all(
            Array.from({ length: connections }, (_, connection) =>
              claimAll(socket, sha, connection * each, each, depth),
            ),
          );
          const seconds = (performance.now() - start) / 1_000;
          const perSecond = Math.round((each * connections) / seconds);
          results.push({ perSecond, depth, connections });
        }
      }
      results.sort((one, other) => other.perSecond - one.perSecond);
      return { best: { ...results[0]!, version, tried: results } };
    });
  });
}

/** One command and its reply as text. */
function ask(path: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path });
    socket.setEncoding('latin1').once('data', (reply) => {
      socket.destroy();
      const text = String(reply);
      if (text.startsWith('-')) reject(new Error(text));
      else resolve(text);
    });
    socket.once('error', reject);
    socket.write(encode(words));
  });
}

function encode(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

/** Keeps `depth` claims in the air on one connection until `count` are answered. */
function claimAll(
  path: string,
  sha: string,
  first: number,
  count: number,
  depth: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const socket = net.connect({ path });
    const send = () => {
      let text = '';
      for (; sent < count && sent - answered < depth; sent++) {
        const number = first + sent;
        const words = ['outcomes', 'holders', 'stock', `claim-${number}`, `player-${number}`];
        text += encode(['EVALSHA', sha, '3', ...words]);
      }
      if (text !== '') socket.write(text, 'latin1');
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (replies) => {
      if (replies.includes('-ERR')) return reject(new Error(replies.toString()));
      for (const byte of replies) if (byte === 10) answered += 1;
      if (answered < count) return send();
      socket.destroy();
      resolve();
    });
  });
}
