import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A certificate, and the files that servers read; all PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** The key, then the certificate, as servers in Java want it. */
  readonly bothFile: string;
}

/** Certificates of a test, good for a day. */
export interface Certificates {
  readonly ca: Certified;
  /** For 127.0.0.1 and localhost. */
  readonly server: Certified;
  readonly client: Certified;
  /** A CA that nobody trusts, and a client of it. */
  readonly strangeCa: Certified;
  readonly strangeClient: Certified;
  readonly directory: string;
  /** Repeating it is harmless. */
  remove(): void;
}

/** Makes them with openssl, in a directory of their own. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-certificates-'));
  const ca = signed(directory, 'ca', undefined);
  const strangeCa = signed(directory, 'strange-ca', undefined);
  return {
    ...{ ca, strangeCa, directory },
    server: signed(directory, 'server', ca),
    client: signed(directory, 'client', ca),
    strangeClient: signed(directory, 'strange-client', strangeCa),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** By itself where no CA is given. */
function signed(directory: string, name: string, by: Certified | undefined): Certified {
  const own = path.join(directory, name);
  mkdirSync(own);
  const file = (kind: string) => path.join(own, `${kind}.pem`);
  const [certFile, keyFile, bothFile] = [file('cert'), file('key'), file('both')];
  const extensions = by
    ? ['subjectAltName=IP:127.0.0.1,DNS:localhost', 'basicConstraints=CA:FALSE']
    : ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  const names = ['-subj', `/CN=${name}`, ...(by ? [] : ['-x509', '-days', '1'])];
  const asked = by ? file('request') : certFile;
  const added = by ? [] : extensions.flatMap((extension) => ['-addext', extension]);
  openssl('req', ...curve, ...names, ...added, '-keyout', keyFile, '-out', asked);
  if (by) {
    writeFileSync(file('extensions'), `${extensions.join('\n')}\n`);
    const signer = ['-CA', by.certFile, '-CAkey', by.keyFile, '-CAcreateserial', '-days', '1'];
    const parts = ['-in', asked, '-extfile', file('extensions'), '-out', certFile];
    openssl('x509', '-req', ...signer, ...parts);
  }
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  writeFileSync(bothFile, `${key}${cert}`);
  return { cert, key, certFile, keyFile, bothFile };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe', timeout: 60_000 });
}
