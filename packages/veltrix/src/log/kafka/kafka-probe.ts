import { connect } from 'node:net';

/** ApiVersions, version 0: what every broker answers to whoever asks. */
export const versionsQuestion = Buffer.from([
  0, 0, 0, 10, 0, 18, 0, 0, 0x56, 0x58, 0x4b, 0x46, 0xff, 0xff,
]);
const correlationId = 0x56584b46;
const answerMaxBytes = 1 << 20;

/** What an address is: `silent` does not answer, `closed` hangs up on the first request. */
export type Probed = 'kafka' | 'other' | 'closed' | 'silent';

/** Asks an address whether it is Kafka: the client would wait for gigabytes of an answer in another protocol. */
export function probeAddress(host: string, port: number, timeoutMs: number): Promise<Probed> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    let answer = Buffer.alloc(0);
    let isConnected = false;
    const settle = (probed: Probed) => {
      socket.destroy();
      resolve(probed);
    };
    socket.setTimeout(timeoutMs, () => settle(answer.length > 0 ? 'other' : 'silent'));
    socket.on('connect', () => {
      isConnected = true;
      socket.write(versionsQuestion);
    });
    socket.on('error', () => settle(isConnected ? 'closed' : 'silent'));
    socket.on('close', () => settle(answer.length > 0 ? 'other' : 'closed'));
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length < 8) return;
      const isKafka =
        answer.readUInt32BE(0) <= answerMaxBytes && answer.readUInt32BE(4) === correlationId;
      settle(isKafka ? 'kafka' : 'other');
    });
  });
}
