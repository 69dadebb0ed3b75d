import type { ConnectionOptions } from 'node:tls';
import { exchange } from '../run/exchange.ts';

const protocol = 4;
const headerBytes = 9;
const opcode = { startup: 0x01, authenticate: 0x03, query: 0x07, result: 0x08 };
const consistencyOne = 1;

/** Opens a CQL connection and reads a row of the server's own tables; rejects unless both work. */
export async function probeCassandra(
  address: string,
  signal: AbortSignal,
  tls?: ConnectionOptions,
): Promise<void> {
  // One that asks for a password works, too, and answers nothing else before it has one.
  const first = await exchange(address, [startup()], isWhole, signal, tls);
  if (first.readUInt8(4) === opcode.authenticate) return;
  await answerTo('SELECT release_version FROM system.local', address, signal, tls);
}

/** How many other nodes it knows; rejects where it asks for a password. */
export async function countPeers(
  address: string,
  signal: AbortSignal,
  tls?: ConnectionOptions,
): Promise<number> {
  const answer = await answerTo('SELECT count(*) FROM system.peers_v2', address, signal, tls);
  // The last row's last column: a bigint.
  return Number(answer.readBigInt64BE(answer.length - 8));
}

async function answerTo(
  cql: string,
  address: string,
  signal: AbortSignal,
  tls: ConnectionOptions | undefined,
): Promise<Buffer> {
  const answer = await exchange(address, [startup(), query(cql)], isWhole, signal, tls);
  const kind = answer.readUInt8(4);
  if (kind !== opcode.result) throw new Error(`${address} answers a query with opcode ${kind}`);
  return answer;
}

function isWhole(bytes: Buffer): boolean {
  return bytes.length >= headerBytes && bytes.length >= headerBytes + bytes.readUInt32BE(5);
}

function frame(kind: number, body: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(protocol, 0);
  header.writeUInt8(kind, 4);
  header.writeUInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
}

function startup(): Buffer {
  const text = (value: string) => Buffer.concat([uint16(value.length), Buffer.from(value)]);
  return frame(opcode.startup, Buffer.concat([uint16(1), text('CQL_VERSION'), text('3.0.0')]));
}

function query(cql: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cql.length);
  const options = Buffer.concat([uint16(consistencyOne), Buffer.of(0)]);
  return frame(opcode.query, Buffer.concat([length, Buffer.from(cql), options]));
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
