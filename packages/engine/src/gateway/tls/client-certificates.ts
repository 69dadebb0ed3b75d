import { engineErrors } from '../../errors.ts';
import { whyNotTrusted } from '../../tls/peer-certificate.ts';
import type { RefusalOf } from '../connection-gate.ts';

/** What platforms ask of a process: they have no certificates. */
const open = new Set(['/healthz', '/readyz']);

/** Who has not shown a certificate that is trusted is answered `engine-client-certificate`. */
export const untrusted: RefusalOf = (socket) => {
  const reason = whyNotTrusted(socket);
  if (reason === undefined) return undefined;
  return ({ url = '' }, asked) =>
    asked === 'request' && open.has(url)
      ? undefined
      : engineErrors.create('engine-client-certificate', { reason });
};
