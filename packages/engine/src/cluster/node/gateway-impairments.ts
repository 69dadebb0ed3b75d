import type { Gateway } from '../../gateway/gateway.ts';
import type { CommandPort } from '../../processor/command-port.ts';
import type { NodeContext } from './node-context.ts';

/**
 * Tells the node of partitions that are followed no more. What is returned has a gateway name in `/healthz`, and count,
 * what else of the node has stopped for good, each error once; of those partitions it hears itself.
 */
export function watchStopped(
  node: Pick<NodeContext, 'fail' | 'onFailure'>,
  port: Pick<CommandPort, 'onStopped'>,
): (gateway: Pick<Gateway, 'impair'>) => void {
  const stopped = new Set<Error>();
  port.onStopped((partition, error) => {
    stopped.add(error);
    node.fail(error, `partition ${partition} is not followed`);
  });
  return (gateway) => {
    node.onFailure((error) => {
      if (stopped.has(error)) return;
      // Views that stop end every partition they were given, with the same error.
      stopped.add(error);
      gateway.impair(error);
    });
  };
}
