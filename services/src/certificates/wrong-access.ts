import type { Certificates, Certified } from './certificates.ts';

/** How a client would encrypt; all PEM. */
interface ClientTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** A client that a server which asks for certificates refuses, or which refuses the server. */
export interface WrongAccess {
  readonly title: string;
  /** What the error says. */
  readonly reason: RegExp;
  tls(made: Certificates): ClientTls;
}

/** All of them; `settings` is where the server stands in the cluster file, since errors name what to change there. */
export function wrongAccesses(settings: string): readonly WrongAccess[] {
  return [
    {
      title: 'a CA that has not signed the server',
      reason: new RegExp(`${settings}\\.tls\\.ca`),
      tls: ({ strangeCa, client }) => tls(strangeCa, client),
    },
    {
      title: 'no certificate',
      reason: new RegExp(`it asks who calls .*${settings}\\.tls\\.cert`),
      tls: ({ ca }) => ({ ca: ca.cert }),
    },
    {
      title: 'a certificate of another CA',
      reason: /seems not to take our certificate/,
      tls: ({ ca, strangeClient }) => tls(ca, strangeClient),
    },
    {
      title: 'a name that the server has not',
      reason: new RegExp(`${settings}\\.tls\\.serverName`),
      tls: ({ ca, client }) => ({ ...tls(ca, client), serverName: 'server.example' }),
    },
  ];
}

function tls(ca: Certified, { cert, key }: Certified): ClientTls {
  return { ca: ca.cert, cert, key };
}
