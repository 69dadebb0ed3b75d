import type { ConfigValues, PropertyTable, Relation } from 'veltrix/config';

/** How the gateway encrypts: `gateway.tls.<key>` in files and flags. */
export const gatewayTlsSettings = {
  'gateway.tls.cert': {
    ...{ type: 'text', default: '' },
    text: 'File, PEM, with the certificate of the gateway, and those between it and its CA. With it, and the key, the gateway speaks HTTPS only.',
    why: 'Set it where no proxy before the gateway encrypts: browsers let a page use the camera over HTTPS only. A file that changes is read again within seconds.',
  },
  'gateway.tls.key': {
    ...{ type: 'secret', default: '' },
    text: 'The private key of that certificate, PEM, without a password.',
    why: 'Goes with gateway.tls.cert.',
  },
  'gateway.tls.clientCa': {
    ...{ type: 'text', default: '' },
    text: 'File, PEM, with the certificates of who may have signed those of clients: who shows none of them is answered at /healthz and /readyz only.',
    why: 'Set it where only a proxy, or programs of your own, may speak to the gateway. Players have no certificates.',
  },
} as const satisfies PropertyTable;

const [cert, key, clientCa] = [
  'gateway.tls.cert',
  'gateway.tls.key',
  'gateway.tls.clientCa',
] as const;

export const gatewayTlsRelations: readonly Relation[] = [
  {
    names: [cert, key],
    problem: (values: ConfigValues) =>
      (values[cert] === '') === (values[key] === '')
        ? undefined
        : 'they are of no use without each other',
  },
  {
    names: [clientCa, cert],
    problem: (values: ConfigValues) =>
      values[clientCa] !== '' && values[cert] === ''
        ? 'the first does nothing without the second'
        : undefined,
  },
];
