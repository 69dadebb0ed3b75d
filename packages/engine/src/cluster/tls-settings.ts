import type { ConfigValues, PropertyTable, Relation } from 'veltrix/config';

/** How connections to servers of a kind are encrypted: the settings `SCOPE.tls.…`. */
export function tlsProperties(scope: string, servers: string): PropertyTable {
  return {
    [`${scope}.tls.enabled`]: {
      ...{ type: 'boolean', default: false },
      text: `Whether connections to ${servers} are encrypted.`,
      why: 'Set it wherever somebody else might be on the way. The servers are then held against their certificates.',
    },
    [`${scope}.tls.ca`]: {
      ...{ type: 'text', default: '' },
      text: `File, PEM, with the certificates of who may have signed that of ${servers}; beside the cluster file.`,
      why: 'Set it for a CA of your own; without it those that Node trusts count.',
    },
    [`${scope}.tls.cert`]: {
      ...{ type: 'text', default: '' },
      text: 'File, PEM, with the certificate of this node, and those between it and its CA.',
      why: `Set it, and the key, where ${servers} ask who calls by certificate.`,
    },
    [`${scope}.tls.key`]: {
      ...{ type: 'secret', default: '' },
      text: 'The private key of that certificate, PEM, without a password.',
      why: 'Goes with the certificate.',
    },
    [`${scope}.tls.serverName`]: {
      ...{ type: 'text', default: '' },
      text: 'What certificates of the servers have to be for, in place of the host that is called.',
      why: 'Set it where servers are called by addresses that their certificates do not name.',
    },
  };
}

/** What is said of encryption while it is off would be believed to count. */
export function tlsRelations(scope: string): Relation[] {
  const enabled = `${scope}.tls.enabled`;
  const needEnabled = ['ca', 'cert', 'key', 'serverName'].map((part): Relation => {
    const name = `${scope}.tls.${part}`;
    return {
      names: [name, enabled],
      problem: (values: ConfigValues) =>
        values[enabled] !== true && values[name] !== ''
          ? 'the first does nothing unless the second is true'
          : undefined,
    };
  });
  const [cert, key] = [`${scope}.tls.cert`, `${scope}.tls.key`];
  const together: Relation = {
    names: [cert, key],
    problem: (values) =>
      (values[cert] === '') === (values[key] === '')
        ? undefined
        : 'they are of no use without each other',
  };
  return [...needEnabled, together];
}
