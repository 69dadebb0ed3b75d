import { X509Certificate } from 'node:crypto';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import type { CertificateFacts, Facts } from '../facts.ts';

const dayMs = 86_400_000;

/** Certificates that the cluster file names, each by the setting that does. */
export function certificateFacts(
  config: ClusterConfig,
  now = Date.now(),
): Pick<Facts, 'certificates'> {
  const found: CertificateFacts[] = [];
  for (const scope of ['kafka', 'zookeeper', 'redis', 'cassandra'] as const) {
    for (const part of ['ca', 'cert'] as const) {
      const text = config[scope].tls?.[part];
      if (text === undefined) continue;
      const endsInDays = Math.floor((Date.parse(new X509Certificate(text).validTo) - now) / dayMs);
      found.push({ setting: `${scope}.tls.${part}`, endsInDays });
    }
  }
  return { certificates: { value: found } };
}
