import net from 'node:net';
import { seededRandom } from '../crowd/seeded-random.ts';

/** Commands that are in the air at once; the best is the reference. */
const depths = [256, 1_024, 4_096];

interface ZaddResult {
  readonly perSecond: number;
  readonly depth: number;
}

/**
 * Updates a second that Redis takes with `ZADD` of one new score each, on one pipelined connection,
 * over all teams in turn of chance. What the views do besides (ties, ranks, repeats, other columns) is left out.
 */
export async function pipelinedZadd(socket: string, teams: number, updates: number) {
  const tried: ZaddResult[] = [];
  const members = Array.from({ length: teams }, (_, team) => team.toString(16).padStart(16, '0'));
  for (const depth of depths) {
    const key = `zadd-${depth}`;
    await send(socket, depth, teams, (team) => command(key, 0, members[team]!));
    const random = seededRandom(depth);
    // Made beforehand, so that the client costs next to nothing.
    const chunks = Array.from({ length: Math.ceil(updates / depth) }, () =>
      Array.from({ length: depth }, () =>
        command(key, Math.floor(random() * 1e6), members[Math.floor(random() * teams)]!),
      ).join(''),
    );
    const start = performance.now();
    await sendChunks(socket, depth, chunks);
    const seconds = (performance.now() - start) / 1_000;
    tried.push({ perSecond: Math.round((chunks.length * depth) / seconds), depth });
    await sendChunks(socket, 1, [encode(['DEL', key])]);
  }
  const [best] = [...tried].sort((one, other) => other.perSecond - one.perSecond);
  return { best: best!, tried };
}

function send(
  socket: string,
  depth: number,
  count: number,
  make: (number: number) => string,
): Promise<void> {
  const chunks: string[] = [];
  let rest = '';
  for (let number = 0; number < Math.ceil(count / depth) * depth; number++) {
    rest += make(number % count);
    if ((number + 1) % depth !== 0) continue;
    chunks.push(rest);
    rest = '';
  }
  return sendChunks(socket, depth, chunks);
}

/** Keeps two chunks of `depth` commands in the air until all are answered. */
function sendChunks(path: string, depth: number, chunks: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const socket = net.connect({ path });
    const more = () => {
      while (sent < chunks.length && sent * depth - answered < 2 * depth) {
        socket.write(chunks[sent++]!, 'latin1');
      }
    };
    socket.on('connect', more);
    socket.on('error', reject);
    socket.on('data', (replies) => {
      if (replies.includes('-ERR')) return reject(new Error(replies.toString()));
      for (const byte of replies) if (byte === 10) answered += 1;
      if (answered < chunks.length * depth) return more();
      socket.destroy();
      resolve();
    });
  });
}

function command(key: string, score: number, member: string): string {
  return encode(['ZADD', key, `${score}`, member]);
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
