import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { WebSocketServer } from 'ws';
import { announce } from './announcement.ts';
import { batchSchema, commandSchema } from './command-schema.ts';

/*
 * What HTTP and WebSocket cost by themselves: the same requests, checked by the same schemas, answered
 * with nothing done. Runs as a process of its own until its input ends.
 */
const server = fastify({
  logger: false,
  ajv: { customOptions: { discriminator: true, coerceTypes: false, removeAdditional: false } },
});
const done = { commandId: '00000000000000000000000000000000', status: 'accepted' };

server.post('/v1/hunts/:hunt/commands', { schema: { body: commandSchema } }, (_request, reply) => {
  reply.send(done);
});
server.post(
  '/v1/hunts/:hunt/commands/batch',
  { schema: { body: batchSchema } },
  (request, reply) => {
    const { commands } = request.body as { commands: unknown[] };
    reply.send({ results: commands.map(() => done) });
  },
);

const sockets = new WebSocketServer({ server: server.server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data) => socket.send(JSON.stringify(JSON.parse(String(data)))));
});

await server.listen({ host: '127.0.0.1', port: 0 });
const { port } = server.server.address() as AddressInfo;
announce({ port }, async () => {
  sockets.close();
  for (const socket of sockets.clients) socket.terminate();
  server.server.closeAllConnections();
  await server.close();
});
