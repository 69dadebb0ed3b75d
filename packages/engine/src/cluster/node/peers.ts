import { peerSettings } from '../../engine-settings.ts';
import { InternalClient } from '../internal-client.ts';
import type { InternalListenerOptions } from '../internal-listener.ts';
import { KnownEncryption } from '../known-encryption.ts';
import { NodeConnections } from '../node-connections.ts';
import { NodeLifelines } from '../node-lifelines.ts';
import { encryptionOf, renewedNodeTls } from '../node-tls.ts';
import type { NodeContext } from './node-context.ts';

/** How the node speaks with others. */
export interface Peers {
  readonly client: InternalClient;
  /** For one who leads. */
  readonly lifelines: NodeLifelines;
  /** How it is to listen to them. */
  readonly listening: InternalListenerOptions;
  /** What it knows of others; nothing before it follows them. */
  readonly encryption: KnownEncryption;
}

/** @param key of the deployment */
export function openPeers(node: NodeContext, key: Uint8Array): Peers {
  const { config, clock, logger, waitsFor: onProblem } = node;
  const tls = config.nodes.tls && renewedNodeTls(config.nodes.tls, { clock, logger });
  const encryption = new KnownEncryption();
  const takesPlain = encryptionOf(config.nodes) === 'accept';
  const takesTls = takesPlain ? encryption.takesTls : undefined;
  const connections = new NodeConnections({ tls, takesTls, onProblem });
  const settings = () => peerSettings(node.settings);
  const client = new InternalClient(key, { clock, settings, connections });
  node.onClose(() => client.close());
  return {
    ...{ client, encryption, lifelines: new NodeLifelines(key, connections) },
    listening: { tls, takesPlain, onProblem },
  };
}
