import { exchange } from '../run/exchange.ts';

/** Sends one inline command; gives the text of its answer, and rejects for an error. */
export async function askRedis(
  address: string,
  command: string,
  signal: AbortSignal,
): Promise<string> {
  const answer = await exchange(address, [`${command}\r\n`], isWhole, signal);
  const text = answer.toString();
  // A server that wants a password works, too.
  if (text.startsWith('-') && !text.startsWith('-NOAUTH')) {
    throw new Error(`${address} answers ${command} with ${text.slice(1).trim()}`);
  }
  return text;
}

/** A bulk answer names its length, -1 for none; others are one line. */
function isWhole(answer: Buffer): boolean {
  const text = answer.toString();
  const line = text.indexOf('\r\n');
  if (line < 0) return false;
  const length = text.startsWith('$') ? Number(text.slice(1, line)) : -1;
  return length < 0 || answer.length >= line + 4 + length;
}

/** Rejects unless it takes commands; one that loads its data does not yet. */
export async function probeRedis(address: string, signal: AbortSignal): Promise<void> {
  await askRedis(address, 'PING', signal);
}

/** Rejects unless this node sees every slot served. */
export async function probeRedisCluster(address: string, signal: AbortSignal): Promise<void> {
  const info = await askRedis(address, 'CLUSTER INFO', signal);
  if (!info.includes('cluster_state:ok')) throw new Error(`${address} sees no whole cluster`);
}
