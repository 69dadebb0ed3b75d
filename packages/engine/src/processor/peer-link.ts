import type { MessagePort } from 'node:worker_threads';
import type { LogShare } from 'veltrix/embedded';
import type { BatchBuffers } from './batch-buffers.ts';
import { type RecordBatch, RecordBatchWriter } from './record-batch.ts';

/** On their way to one thread at once. More is dropped: the sender repeats what is not acknowledged. */
const inflightMaxBytes = 16 << 20;

type PeerMessage =
  | { readonly kind: 'share'; readonly share: LogShare }
  | { readonly kind: 'records'; readonly batch: RecordBatch }
  /** So many bytes of records were taken in. */
  | { readonly kind: 'taken'; readonly bytes: number };

export interface PeerLinkOptions {
  /** Takes in a batch that arrived, now or later, and then calls `taken`. */
  readonly receive: (batch: RecordBatch, taken: () => void) => void;
  readonly onShare: (share: LogShare) => void;
}

/** Carries messages between partitions to another thread that decides, best effort and bounded. */
export class PeerLink {
  readonly #port: MessagePort;
  readonly #sending: RecordBatchWriter;
  #inflightBytes = 0;

  constructor(port: MessagePort, buffers: BatchBuffers, options: PeerLinkOptions) {
    this.#port = port;
    this.#sending = new RecordBatchWriter(buffers);
    port.on('message', (message: PeerMessage) => this.#receive(message, options));
    // The thread ends when its own work does.
    port.unref();
  }

  #receive(message: PeerMessage, { receive, onShare }: PeerLinkOptions): void {
    switch (message.kind) {
      case 'share':
        onShare(message.share);
        return;
      case 'taken':
        this.#inflightBytes -= message.bytes;
        return;
      case 'records': {
        const { batch } = message;
        receive(batch, () => this.#tell({ kind: 'taken', bytes: batch.bytes }));
      }
    }
  }

  #tell(message: PeerMessage, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** Hands over the partitions that the other thread is to open. */
  handOver(share: LogShare): void {
    this.#tell({ kind: 'share', share });
  }

  /** What one turn sends crosses as one message. The bytes are copied. */
  deliver(partition: number, record: Uint8Array): void {
    if (this.#inflightBytes >= inflightMaxBytes) return;
    if (this.#sending.isEmpty) queueMicrotask(() => this.#post());
    this.#sending.add(partition, 0, record);
  }

  #post(): void {
    const batch = this.#sending.take();
    this.#inflightBytes += batch.bytes;
    this.#tell({ kind: 'records', batch }, [batch.buffer]);
  }

  close(): void {
    this.#port.close();
  }
}
