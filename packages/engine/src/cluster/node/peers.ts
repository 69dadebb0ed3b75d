import { peerSettings } from '../../engine-settings.ts';
import { InternalClient } from '../internal-client.ts';
import type { InternalListenerOptions } from '../internal-listener.ts';
import { NodeConnections } from '../node-connections.ts';
import { NodeLifelines } from '../node-lifelines.ts';
import { renewedNodeTls } from '../node-tls.ts';
import type { NodeContext } from './node-context.ts';

/** How the node speaks with others. */
export interface Peers {
  readonly client: InternalClient;
  /** For one who leads. */
  readonly lifelines: NodeLifelines;
  /** How it is to listen to them. */
  readonly listening: InternalListenerOptions;
}

/** @param key of the deployment */
export function openPeers(node: NodeContext, key: Uint8Array): Peers {
  const { config, clock, logger, waitsFor: onProblem } = node;
  const tls = config.nodes.tls && renewedNodeTls(config.nodes.tls, { clock, logger });
  const connections = new NodeConnections({ tls, onProblem });
  const settings = () => peerSettings(node.settings);
  const client = new InternalClient(key, { clock, settings, connections });
  node.onClose(() => client.close());
  return { client, lifelines: new NodeLifelines(key, connections), listening: { tls, onProblem } };
}
