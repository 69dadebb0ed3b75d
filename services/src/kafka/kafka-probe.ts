import { exchange } from '../run/exchange.ts';

const metadataKey = 3;
const metadataVersion = 7;
const lengthBytes = 4;

/** Request header version 1, no topics, no creation of topics. */
function metadataRequest(): Buffer {
  const client = 'hunt-services';
  const body = Buffer.alloc(10 + client.length + 5);
  body.writeInt16BE(metadataKey, 0);
  body.writeInt16BE(metadataVersion, 2);
  body.writeInt16BE(client.length, 8);
  body.write(client, 10);
  const length = Buffer.alloc(lengthBytes);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Asks a broker for the cluster; rejects until it knows a controller and this many brokers. */
export async function probeKafka(
  address: string,
  brokers: number,
  signal: AbortSignal,
): Promise<void> {
  const { known, controller } = await askMetadata(address, signal);
  if (controller < 0) throw new Error(`${address} knows no controller`);
  if (known.length < brokers) {
    throw new Error(`${address} knows ${known.length} of ${brokers} brokers`);
  }
}

/** `host:port` of each broker, as this one tells who asks it there. */
export async function brokersAt(address: string, signal: AbortSignal): Promise<string[]> {
  return (await askMetadata(address, signal)).known;
}

async function askMetadata(address: string, signal: AbortSignal) {
  return readMetadata(
    await exchange(
      address,
      [metadataRequest()],
      (bytes) => bytes.length >= lengthBytes && bytes.length >= lengthBytes + bytes.readUInt32BE(0),
      signal,
    ),
  );
}

function readMetadata(answer: Buffer): { known: string[]; controller: number } {
  // Behind length, correlation and throttle time.
  let at = lengthBytes + 8;
  const text = () => {
    const length = Math.max(answer.readInt16BE(at), 0);
    at += 2 + length;
    return answer.toString('utf8', at - length, at);
  };
  const known: string[] = [];
  const count = answer.readInt32BE(at);
  at += 4;
  while (known.length < count) {
    at += 4;
    const host = text();
    known.push(`${host}:${answer.readInt32BE(at)}`);
    at += 4;
    text();
  }
  text();
  return { known, controller: answer.readInt32BE(at) };
}
