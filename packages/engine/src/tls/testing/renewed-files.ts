import { copyFileSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { type Certificates, type Certified, makeCertificates } from '@hunt/services';
import type { Logger } from 'pino';
import type { CodedError } from 'veltrix';
import type { PemPlaces } from 'veltrix/tls';
import { ManualClock } from '../../gateway/testing/manual-clock.ts';

/**
 * Files of certificates that the tests of a suite renew, the clock of those who watch them, and what these say. Made in a
 * suite: it has certificates once, and all else anew for each test. Needs openssl.
 */
export class RenewedFiles {
  made!: Certificates;
  /** Where `cert.pem`, `key.pem` and `ca.pem` are once they are put there. */
  directory!: string;
  clock!: ManualClock;
  /** How often new files were taken. */
  renewed!: number;
  /** Why others were not, in order. */
  refused!: CodedError[];

  constructor() {
    before(() => {
      this.made = makeCertificates();
    });
    after(() => this.made.remove());
    beforeEach(() => {
      this.directory = mkdtempSync(path.join(this.made.directory, 'renewed-'));
      this.clock = new ManualClock();
      this.renewed = 0;
      this.refused = [];
    });
  }

  /** Of who watches them. */
  get logger(): Pick<Logger, 'info' | 'error'> {
    return {
      info: () => {
        this.renewed += 1;
      },
      error: ({ error }: { readonly error: CodedError }) => this.refused.push(error),
    } as never;
  }

  /** As settings name them. */
  places(ca = ''): PemPlaces {
    return { ca, cert: 'cert.pem', key: 'file:key.pem', directory: this.directory };
  }

  place(name: string): string {
    return path.join(this.directory, name);
  }

  putCert({ certFile }: Certified): void {
    copyFileSync(certFile, this.place('cert.pem'));
  }

  putKey({ keyFile }: Certified): void {
    copyFileSync(keyFile, this.place('key.pem'));
  }

  put(certified: Certified): void {
    this.putCert(certified);
    this.putKey(certified);
  }
}
