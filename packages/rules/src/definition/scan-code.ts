import { createHmac } from 'node:crypto';
import { answerHashBytes } from './answer.ts';

export interface ScanCode {
  readonly huntId: string;
  readonly stepId: string;
  /** 16 bytes. */
  readonly signature: Uint8Array;
}

/** Sixteen bytes in base64url take 22 digits, of which the last holds two bits only. */
const scanExpression = /^([a-z0-9-]{1,64})\.([a-z0-9-]{1,64})\.([\w-]{21}[AQgw])$/;

/** The first 16 bytes of HMAC-SHA256 over `hunt.step.code`; the fold compares it as it does an answer's hash. */
export function scanHash(
  secret: Uint8Array,
  huntId: string,
  stepId: string,
  code: string,
): Uint8Array {
  const hash = createHmac('sha256', secret).update(`${huntId}.${stepId}.${code}`).digest();
  return new Uint8Array(hash.subarray(0, answerHashBytes));
}

/** The text of a poster's QR code: `hunt.step.signature`, the signature in base64url without padding. */
export function signScanCode(
  secret: Uint8Array,
  huntId: string,
  stepId: string,
  code: string,
): string {
  return scanCodeText({ huntId, stepId, signature: scanHash(secret, huntId, stepId, code) });
}

/** What `parseScanCode` reads. */
export function scanCodeText({ huntId, stepId, signature }: ScanCode): string {
  return `${huntId}.${stepId}.${Buffer.from(signature).toString('base64url')}`;
}

/** Undefined when `text` is not of the form of a scan code. Says nothing about its signature. */
export function parseScanCode(text: string): ScanCode | undefined {
  const match = scanExpression.exec(text);
  if (match === null) return undefined;
  const [, huntId, stepId, signature] = match as unknown as [string, string, string, string];
  return { huntId, stepId, signature: new Uint8Array(Buffer.from(signature, 'base64url')) };
}
