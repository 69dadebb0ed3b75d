import type { ServerPlan } from '../run/server-process.ts';

/** A program that takes connections on a port and does nothing else; `extra` runs before. */
export function fakeServer(port: number, extra = '', plan: Partial<ServerPlan> = {}): ServerPlan {
  const listen = `require('net').createServer().listen(${port}, '127.0.0.1');`;
  return {
    name: 'fake',
    program: process.execPath,
    args: ['-e', `${extra};${listen}`],
    probe: async () => undefined,
    readyTimeoutMs: 30_000,
    stopTimeoutMs: 20_000,
    ...plan,
  };
}
