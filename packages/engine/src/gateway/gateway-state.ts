import { engineErrors } from '../errors.ts';

/** Whether the gateway takes requests: `starting` until the partitions are recovered. */
export class GatewayState {
  phase: 'starting' | 'ready' | 'draining' = 'starting';

  /** Throws `engine-not-ready`, `engine-draining`. */
  check(): void {
    if (this.phase === 'ready') return;
    throw engineErrors.create(this.phase === 'starting' ? 'engine-not-ready' : 'engine-draining');
  }
}
