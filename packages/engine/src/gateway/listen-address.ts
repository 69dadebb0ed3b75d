import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/**
 * The one address that a server listens on for `host`: of a name its first of IPv4, or of IPv6 where it has no other. For
 * `localhost` fastify would make a second server by itself, whose connections pass no gate and are not waited for at
 * close. Who calls by the name tries both. Rejects as `listen` does where nobody has the name.
 */
export async function listenAddress(host: string): Promise<string> {
  if (host === '' || isIP(host) !== 0) return host;
  const { address } = await lookup(host, { order: 'ipv4first' });
  return address;
}
