import { createOrganiserClient, type OrganiserClient } from '@hunt/sdk';
import { cliErrors } from '../errors.ts';

/** Name of the environment variable with the organiser key; a flag would show it to every process. */
const organiserKeyVariable = 'HUNT_ORGANISER_KEY';

/** A client for a server that somebody else runs. Throws cli-key-missing. */
export function remoteClient(
  target: string,
  env: Readonly<Record<string, string | undefined>>,
): OrganiserClient {
  const key = env[organiserKeyVariable];
  if (!key) throw cliErrors.create('cli-key-missing', { target });
  return createOrganiserClient({ baseUrl: target, key, retry: { attemptsMax: 1 } });
}
