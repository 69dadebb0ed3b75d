import type { ConfigValues, PropertyTable, Relation } from 'veltrix/config';
import { tlsRelations } from './tls-settings.ts';

const nodeTlsModes = ['accept', 'require'] as const;
export type NodeTlsMode = (typeof nodeTlsModes)[number];

/** How nodes encrypt what they ask each other: each is a server and a client, so both sides show a certificate. */
export const nodeTlsProperties: PropertyTable = {
  'nodes.tls.enabled': {
    ...{ type: 'boolean', default: false },
    text: 'Whether nodes ask each other encrypted, each with a certificate of the same CA; it has to be the same on all, but while nodes.tls.mode is accept.',
    why: 'Set it where others can reach the network of the nodes.',
  },
  'nodes.tls.mode': {
    ...{ type: 'choice', default: 'require', choices: nodeTlsModes },
    text: 'Whether the node speaks with others encrypted only (require), or in plain, too, with those that do not encrypt (accept).',
    why: 'Set it to accept while a running cluster is brought to encrypt, or not to, one node after the other; docs/security.md has the steps.',
  },
  'nodes.tls.ca': {
    ...{ type: 'text', default: '' },
    text: 'File, PEM, with the certificates of who has signed those of the nodes; beside the cluster file.',
    why: 'Give the nodes a CA of their own: whoever has a certificate of it counts as a node.',
  },
  'nodes.tls.cert': {
    ...{ type: 'text', default: '' },
    text: 'File, PEM, with the certificate of this node, and those between it and the CA. A file that changes is read again within seconds.',
    why: 'It has to be good for servers and for clients, and for the host of node.address or for nodes.tls.serverName.',
  },
  'nodes.tls.key': {
    ...{ type: 'secret', default: '' },
    text: 'The private key of that certificate, PEM, without a password.',
    why: 'Goes with the certificate.',
  },
  'nodes.tls.serverName': {
    ...{ type: 'text', default: '' },
    text: 'What certificates of nodes have to be for, in place of the host that is called.',
    why: 'Set it where nodes are called by addresses that are known at their start only, as those of pods: one certificate is then good for all.',
  },
};

const [enabled, ...parts] = [
  'nodes.tls.enabled',
  'nodes.tls.ca',
  'nodes.tls.cert',
  'nodes.tls.key',
] as const;

export const nodeTlsRelations: readonly Relation[] = [
  ...tlsRelations('nodes'),
  {
    names: ['nodes.tls.mode', enabled],
    problem: (values: ConfigValues) =>
      values['nodes.tls.mode'] === 'accept' && values[enabled] !== true
        ? 'who accepts encrypted connections has certificates: the first needs the second to be true'
        : undefined,
  },
  ...parts.map((part) => ({
    names: [enabled, part],
    problem: (values: ConfigValues) =>
      values[enabled] === true && values[part] === ''
        ? 'the first needs the second: each node shows a certificate, and holds those of others against the CA'
        : undefined,
  })),
];
