import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** How a request of each action ends at `serveEndings`, and whether it is decided by that. */
export const endings: Readonly<Record<string, boolean>> = {
  standings: true,
  progress: false,
  join: true,
  scan: true,
  claim: true,
  hint: false,
  'check-in': false,
  'answer-wrong': false,
};

type Answer = readonly [status: number, body: object];

const id = { commandId: '01' };
/** Nothing is answered to other commands: the connection breaks. */
const ofCommands: Readonly<Record<string, Answer>> = {
  'scan-code': [200, { ...id, outcome: 'solved' }],
  'claim-treasure': [409, { ...id, code: 'rules-treasure-sold-out' }],
  'take-hint': [202, id],
  'check-in': [503, { code: 'engine-overloaded' }],
};

/** Lets everybody join, and ends all that they ask for in every way there is. */
export async function serveEndings(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const end = ([status, answer]: Answer) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer));
    if (request.url!.endsWith('/players')) return end([201, { token: 'one' }]);
    if (request.url!.includes('/standings')) return end([200, { standings: [] }]);
    if (request.url!.endsWith('/me')) return end([404, { code: 'engine-player-unknown' }]);
    const answer = ofCommands[(JSON.parse(body) as { type: string }).type];
    return answer === undefined ? request.socket.destroy() : end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
