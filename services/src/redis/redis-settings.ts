/** Debian 12's; any 7 works. */
export const redisVersion = '7.0.15';

/** What holds on every machine; deploy/compose.yaml has the same. */
export const redisSettings: Readonly<Record<string, string>> = {
  // The log can rebuild all that Redis holds: nothing on disk, and nothing dropped unasked.
  save: '',
  appendonly: 'no',
  'maxmemory-policy': 'noeviction',
  maxmemory: '512mb',
};

/** Only in cluster mode. A node that is silent this long has failed. */
export const redisClusterSettings: Readonly<Record<string, string>> = {
  'cluster-enabled': 'yes',
  'cluster-node-timeout': '2000',
};
