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
  const answer = await exchange(
    address,
    [metadataRequest()],
    (bytes) => bytes.length >= lengthBytes && bytes.length >= lengthBytes + bytes.readUInt32BE(0),
    signal,
  );
  const { known, controller } = readMetadata(answer);
  if (controller < 0) throw new Error(`${address} knows no controller`);
  if (known < brokers) throw new Error(`${address} knows ${known} of ${brokers} brokers`);
}

function readMetadata(answer: Buffer): { known: number; controller: number } {
  // Behind length, correlation and throttle time.
  let at = lengthBytes + 8;
  const text = () => {
    const length = answer.readInt16BE(at);
    at += 2 + Math.max(length, 0);
  };
  const known = answer.readInt32BE(at);
  at += 4;
  for (let broker = 0; broker < known; broker++) {
    at += 4;
    text();
    at += 4;
    text();
  }
  text();
  return { known, controller: answer.readInt32BE(at) };
}
