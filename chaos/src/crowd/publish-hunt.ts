import { setTimeout as pause } from 'node:timers/promises';
import { createOrganiserClient } from '@hunt/sdk';
import type { ChaosHunt } from './chaos-hunt.ts';
import type { PlayerPlace } from './patient-player.ts';

/** Nobody waits for the start of a drop longer than this. */
const publishPauseMs = 500;

/** Publishes a hunt, on one gateway after the other until one takes it; false when it was given up. */
export async function publishHunt(
  hunt: ChaosHunt,
  { gatewayUrls, ledger, giveUp }: PlayerPlace,
  organiserKey: string,
): Promise<boolean> {
  for (let attempt = 0; !giveUp.aborted; attempt++) {
    const baseUrl = gatewayUrls[attempt % gatewayUrls.length]!;
    const organiser = createOrganiserClient({ baseUrl, key: organiserKey });
    try {
      await organiser.publish(hunt.source, giveUp);
      return true;
    } catch (error) {
      if (!giveUp.aborted) ledger.note(`publish: ${String((error as { code?: string }).code)}`);
      await pause(publishPauseMs);
    }
  }
  return false;
}
