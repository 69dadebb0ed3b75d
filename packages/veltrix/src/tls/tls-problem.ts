import { connect as connectPlain } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { type TlsOptions, tlsConnectionOptions } from './tls-options.ts';
import { isUntrusted } from './untrusted-server.ts';

/** How long a server may take to say that it does not want us: it does so after the handshake. */
const refusalMaxMs = 500;
const reasonMaxLength = 240;

export interface TlsProblem {
  /** `host:port` */
  readonly address: string;
  /** What is wrong, beginning with "it", and the setting that mends it. */
  readonly reason: string;
}

export interface TlsQuestion {
  /** `host:port` of servers that are to be spoken to in the same way. */
  readonly addresses: readonly string[];
  /** Undefined: they are spoken to in plain. */
  readonly tls: TlsOptions | undefined;
  /** The scope of the settings, for reasons: `kafka` of `kafka.tls.ca`. */
  readonly scope: string;
  /** What a server of this kind answers, whatever it answers, if it does not encrypt. */
  readonly plainQuestion: Uint8Array | string;
  /** For each connection. */
  readonly timeoutMs: number;
}

type Verdict = 'fine' | 'unknown' | { readonly reason: string };

/**
 * Finds out whether encryption is why servers cannot be used, once they could not be: by a connection of its own, over
 * which nothing is said, so that no driver's words have to be understood. Undefined when at least one server would do, or
 * when none says anything.
 */
export async function tlsProblem(question: TlsQuestion): Promise<TlsProblem | undefined> {
  const { addresses } = question;
  const verdicts = await Promise.all(addresses.map((address) => verdictOn(address, question)));
  if (verdicts.includes('fine')) return undefined;
  for (const [index, verdict] of verdicts.entries()) {
    if (typeof verdict === 'object') return { address: addresses[index]!, reason: verdict.reason };
  }
  return undefined;
}

async function verdictOn(address: string, question: TlsQuestion): Promise<Verdict> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const place = { host, port: Number(address.slice(at + 1)) };
  const verdict = await verdictOfHandshake(place, question);
  const { tls, scope } = question;
  if (verdict !== 'unknown' || tls === undefined) return verdict;
  return (await answersInPlain(place, question)) ? { reason: wantsNone(scope) } : 'unknown';
}

interface Place {
  readonly host: string;
  readonly port: number;
}

function verdictOfHandshake(
  { host, port }: Place,
  { tls, scope, timeoutMs }: TlsQuestion,
): Promise<Verdict> {
  const options =
    tls === undefined ? { rejectUnauthorized: false } : tlsConnectionOptions(tls, host);
  return new Promise((resolve) => {
    let socket: TLSSocket;
    try {
      socket = connect({ ...options, host, port });
    } catch (error) {
      // A certificate and a key that do not belong together, say.
      resolve({ reason: `cannot be spoken to with ${scope}.tls: ${shortened(error as Error)}` });
      return;
    }
    const settle = (verdict: Verdict) => {
      clearTimeout(tooLong);
      socket.destroy();
      resolve(verdict);
    };
    let tooLong = setTimeout(() => settle('unknown'), timeoutMs);
    socket.once('secureConnect', () => {
      if (tls === undefined) return settle({ reason: wantsEncryption(scope) });
      clearTimeout(tooLong);
      tooLong = setTimeout(() => settle('fine'), Math.min(timeoutMs, refusalMaxMs));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const reason = tlsReason(error, { tls, scope, host });
      if (reason !== undefined) return settle({ reason });
      settle(tls === undefined && isPlainAnswer(error) ? 'fine' : 'unknown');
    });
    socket.once('close', () => settle('unknown'));
    // Servers that close without a word would hold it open for ever otherwise.
    socket.resume();
  });
}

/** Some wait for more of what they take for a request, or hang up, when they are greeted by TLS. */
function answersInPlain(place: Place, { plainQuestion, timeoutMs }: TlsQuestion): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectPlain(place);
    const settle = (isPlain: boolean) => {
      socket.destroy();
      resolve(isPlain);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.on('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', ([first]) => settle(first !== alertRecord));
    socket.write(plainQuestion);
  });
}

/** How an answer of TLS to what is none begins. */
const alertRecord = 0x15;

function wantsNone(scope: string): string {
  return `it answers without encryption; take ${scope}.tls.enabled back, or set the address where it encrypts`;
}

function wantsEncryption(scope: string): string {
  return `it wants encryption; set ${scope}.tls.enabled, or another address`;
}

/** Whether what came back was no TLS. */
export function isPlainAnswer({ code = '', message }: NodeJS.ErrnoException): boolean {
  // Where something was being written at that moment.
  if (code === 'EPROTO') return /:(wrong version number|packet length too long):/.test(message);
  return /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE)$/.test(
    code,
  );
}

/** In which a connection was tried. */
interface TlsCircumstances {
  readonly tls: TlsOptions | undefined;
  readonly scope: string;
  readonly host: string;
}

/**
 * What an error of a connection has to do with encryption, beginning with "it", and the setting that mends it. Undefined for
 * what has nothing to do with it.
 */
export function tlsReason(
  error: NodeJS.ErrnoException,
  { tls, scope, host }: TlsCircumstances,
): string | undefined {
  const { code = '' } = error;
  const isAlert = code.startsWith('ERR_SSL_') && /ALERT/.test(code);
  if (tls === undefined) return isAlert ? wantsEncryption(scope) : undefined;
  if (isPlainAnswer(error)) return wantsNone(scope);
  if (isUntrusted(error)) {
    return `its certificate is signed by nobody who is trusted here (${code}); set ${scope}.tls.ca to the certificate of who signed it`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const wanted = tls.serverName ?? host;
    return `its certificate is not for ${wanted}: ${shortened(error)}; set ${scope}.tls.serverName to a name that it has`;
  }
  if (/^CERT_/.test(code)) return `its certificate is of no use: ${shortened(error)} (${code})`;
  const isAboutUs = /CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE/.test(code);
  // What some servers in Java say when they do not trust a certificate.
  const mayBeAboutUs = tls.cert !== undefined && /INTERNAL_ERROR/.test(code);
  if (isAlert && (isAboutUs || mayBeAboutUs)) {
    return tls.cert === undefined
      ? `it asks who calls (${code}); set ${scope}.tls.cert and ${scope}.tls.key`
      : `it seems not to take our certificate (${code}); set ${scope}.tls.cert and ${scope}.tls.key to one that its CA has signed`;
  }
  if (/^ERR_(SSL|OSSL|TLS)_/.test(code)) return `it does not agree on how to encrypt: ${code}`;
  return undefined;
}

function shortened({ message }: Error): string {
  const line = message.replace(/[^ -~]+/g, ' ');
  return line.length > reasonMaxLength ? `${line.slice(0, reasonMaxLength)}…` : line;
}
