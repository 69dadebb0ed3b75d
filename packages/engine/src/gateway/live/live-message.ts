import { Buffer } from 'node:buffer';
import type { LiveEventName } from './live-subscriber.ts';

/** First byte of a text message in one frame (RFC 6455, 5.2). */
const wholeText = 0x81;
const length16 = 126;
const length64 = 127;

/** An event that many connections are sent: made into bytes once for each way to carry it. */
export class LiveMessage {
  readonly name: LiveEventName;
  /** A JSON object with at least one member. */
  readonly membersJson: string;
  #socketFrame: Buffer | undefined;
  #sseEvent: Buffer | undefined;

  constructor(name: LiveEventName, membersJson: string) {
    this.name = name;
    this.membersJson = membersJson;
  }

  /** As `SocketConnection` sends it without a cursor, in a frame. */
  get socketFrame(): Buffer {
    this.#socketFrame ??= textFrame(socketText(this.name, undefined, this.membersJson));
    return this.#socketFrame;
  }

  /** As `SseConnection` sends it without a cursor. */
  get sseEvent(): Buffer {
    this.#sseEvent ??= Buffer.from(sseText(this.name, undefined, this.membersJson));
    return this.#sseEvent;
  }
}

export function socketText(name: LiveEventName, cursor: string | undefined, membersJson: string) {
  const place = cursor === undefined ? '' : `"cursor":"${cursor}",`;
  return `{"event":"${name}",${place}${membersJson.slice(1)}`;
}

export function sseText(name: LiveEventName, cursor: string | undefined, membersJson: string) {
  const id = cursor === undefined ? '' : `id: ${cursor}\n`;
  return `${id}event: ${name}\ndata: ${membersJson}\n\n`;
}

/** A whole text message from a server, which masks nothing. */
function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const head = size < length16 ? 2 : size <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(head + size);
  frame[0] = wholeText;
  if (head === 2) frame[1] = size;
  else if (head === 4) {
    frame[1] = length16;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = length64;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, head);
  return frame;
}
