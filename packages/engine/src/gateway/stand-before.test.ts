/* On a server that does not listen: what Node would tell it of is told by the test. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { type Asked, standBefore } from './stand-before.ts';

const request = { headers: {} } as IncomingMessage;
const response = new ServerResponse(request);
const head = Buffer.from('head');

/** A server, and who of those that listen or stand before them was asked so far, in order. */
function watched(): { server: Server; heard: string[]; before: typeof before } {
  const server = createServer();
  const heard: string[] = [];
  function before(asked: Asked, name: string, takes = false): void {
    standBefore(server, asked, () => {
      heard.push(name);
      return takes;
    });
  }
  return { server, heard, before };
}

test('who stands there last is asked first, and the listeners at the end in their own order', () => {
  const { server, heard, before } = watched();
  for (const name of ['one', 'two']) server.on('request', () => heard.push(name));
  before('request', 'inner');
  before('request', 'outer');
  server.emit('request', request, response);
  assert.deepEqual(heard, ['outer', 'inner', 'one', 'two']);
});

test('what is taken nobody behind hears of', () => {
  const { server, heard, before } = watched();
  server.on('request', () => heard.push('listener'));
  before('request', 'inner');
  before('request', 'middle', true);
  before('request', 'outer');
  server.emit('request', request, response);
  assert.deepEqual(heard, ['outer', 'middle']);
});

test('all hear what Node says, as from the server', () => {
  const { server } = watched();
  const heard: unknown[][] = [];
  const listener = function (this: Server, ...said: unknown[]) {
    heard.push([this, ...said]);
  };
  server.on('upgrade', listener).on('request', listener);
  const seen: unknown[][] = [];
  for (const asked of ['upgrade', 'request'] as const) {
    standBefore(server, asked, (...said) => {
      seen.push(said);
      return false;
    });
  }
  const socket = new Socket();
  server.emit('upgrade', request, socket, head);
  server.emit('request', request, response);
  assert.deepEqual(seen, [
    [request, socket],
    [request, response],
  ]);
  assert.deepEqual(heard, [
    [server, request, socket, head],
    [server, request, response, undefined],
  ]);
});

test('who stands before requests leaves all else that a server is asked as it is', () => {
  const { server, heard, before } = watched();
  const others = ['checkContinue', 'checkExpectation', 'connect', 'upgrade', 'clientError'];
  // Node answers some of these by itself as long as nobody listens.
  before('request', 'before', true);
  for (const other of others) assert.equal(server.listenerCount(other), 0, other);
  for (const other of others) server.on(other, () => heard.push(other));
  before('request', 'before', true);
  for (const other of others) server.emit(other, request, response);
  assert.deepEqual(heard, others);
});

test('a listener that hears one request only is gone after it, and one that comes later hears all', () => {
  const { server, heard, before } = watched();
  server.once('request', () => heard.push('once'));
  before('request', 'before');
  server.on('request', () => heard.push('later'));
  server.emit('request', request, response);
  server.emit('request', request, response);
  assert.deepEqual(heard, ['before', 'once', 'later', 'before', 'later']);
});
