import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConfigValues } from 'veltrix/config';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import type { CertificateFacts, Facts } from '../facts.ts';

const dayMs = 86_400_000;

/** Certificates that the cluster file and the settings name, each by the setting that does. */
export function certificateFacts(
  config: ClusterConfig,
  settings: ConfigValues,
  now = Date.now(),
): Pick<Facts, 'certificates'> {
  const found: CertificateFacts[] = [];
  const add = (setting: string, text: string) => {
    const endsInDays = Math.floor((Date.parse(new X509Certificate(text).validTo) - now) / dayMs);
    found.push({ setting, endsInDays });
  };
  for (const scope of ['nodes', 'kafka', 'zookeeper', 'redis', 'cassandra'] as const) {
    for (const part of ['ca', 'cert'] as const) {
      const text = config[scope].tls?.[part];
      if (text !== undefined) add(`${scope}.tls.${part}`, text);
    }
  }
  for (const setting of config.roles.includes('gateway') ? gatewayFiles : []) {
    const file = settings[setting];
    if (!file) continue;
    try {
      add(setting, readFileSync(String(file), 'utf8'));
    } catch {
      // What is wrong with it ends the start by a name of its own.
    }
  }
  return { certificates: { value: found } };
}

const gatewayFiles = ['gateway.tls.cert', 'gateway.tls.clientCa'];
