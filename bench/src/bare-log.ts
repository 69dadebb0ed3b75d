import { randomBytes } from 'node:crypto';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLog } from 'veltrix/embedded';

/** A command with an answer, as it lies in a record. */
const commandBytes = 80;
const inflightRecords = 16;

/**
 * Commands a second that the log alone takes, durable, in records of `batch`, with none of the deciding:
 * what the way through log and fold can be held against.
 */
export async function bareLogRate(
  directory: string,
  commands: number,
  batch: number,
): Promise<number> {
  const log = openEmbeddedLog({
    directory,
    disk: new NodeDisk(),
    clock: systemClock,
    partitionCount: 1,
    dedupeWindow: 1_024,
    newLogId: () => randomBytes(16).toString('hex'),
  });
  try {
    const record = new Uint8Array(randomBytes(commandBytes * batch));
    const records = Math.ceil(commands / batch);
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      let sent = 0;
      let durable = 0;
      const send = () => {
        for (; sent < records && sent - durable < inflightRecords; sent++) {
          log.partition(0).append('commands', record, onDurable);
        }
      };
      const onDurable = (error?: Error) => {
        if (error) return reject(error);
        durable += 1;
        if (durable === records) resolve();
        else send();
      };
      send();
    });
    return (records * batch) / ((performance.now() - start) / 1_000);
  } finally {
    await new Promise<void>((resolve) => log.close(() => resolve()));
  }
}
