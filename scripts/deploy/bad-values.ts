import type { Values } from './chart.ts';

/** Values that break the chart. */
export interface BadValues {
  /** What the chart says: an id of `_checks.tpl`; the place of the value where the schema refuses it. */
  readonly error: string;
  readonly by: 'check' | 'schema';
  /** Over those of the small sample. */
  readonly values: Values;
  readonly release?: string;
}

const check = (error: string, values: Values, release?: string): BadValues => ({
  ...{ error, values, by: 'check' },
  ...(release !== undefined && { release }),
});
const schema = (error: string, values: Values): BadValues => ({ error, values, by: 'schema' });

const misspelledCpu = ['1.5 cores', '1Gi', '1k', '500M', '-1', '1,5', '.', 'm', '1e', ''];
/** What Kubernetes takes, and `node.cores` does not, or would for 0. */
const cpuBeyondNodes = [
  ...[
    '20000',
    '10000',
    '1e9',
    '1e99',
    '20e3',
    '1E+4',
    '10000000m',
    '10000000000u',
    '10000000000000n',
  ],
  ...['1e-99', '1e-10', '0.1n', '.0001u', '0.0000000001', '1.5e-9', 1e-99, 1e-10, 10_000],
];

/** Each error of `_checks.tpl` is here; a test sees to it. */
export const badValues: readonly BadValues[] = [
  check('hunt-chart-secret-missing', { secretName: '' }),
  check('hunt-chart-name-too-long', {}, 'a-release-with-a-name-of-many-more-letters'),
  check('hunt-chart-servers-missing', { cluster: { redis: { addresses: [] } } }),
  check('hunt-chart-replication-missing', { cluster: { cassandra: { dataCenter: '' } } }),
  check('hunt-chart-in-sync-above-copies', {
    cluster: { kafka: { replication: 1, minInSync: 2 } },
  }),
  check('hunt-chart-nodes-tls-incomplete', {
    cluster: {
      nodes: {
        tls: {
          enabled: true,
          ca: '/run/secrets/hunt/ca.pem',
          cert: '/run/secrets/hunt/node.pem',
          key: 'file:/run/secrets/hunt/node.key',
        },
      },
    },
  }),
  check('hunt-chart-role-without-replicas', { roles: { coordinator: { replicas: 0 } } }),
  check('hunt-chart-autoscaling-range', {
    roles: { gateway: { autoscaling: { kind: 'hpa', min: 5, max: 4 } } },
  }),
  check('hunt-chart-replicas-above-partitions', { cluster: { partitions: 2 } }),
  check('hunt-chart-replicas-above-partitions', {
    roles: { views: { autoscaling: { kind: 'hpa', min: 2, max: 9 } } },
  }),
  check('hunt-chart-grace-too-short', { drainSeconds: 40 }),
  check('hunt-chart-grace-too-short', {
    roles: { processor: { terminationGracePeriodSeconds: 3 } },
  }),
  check('hunt-chart-keda-without-prometheus', {
    roles: { processor: { autoscaling: { kind: 'keda' } } },
  }),
  check('hunt-chart-ingress-without-host', { ingress: { enabled: true } }),
  schema('roles', { roles: { gatway: { replicas: 3 } } }),
  schema('roles', { roles: { gateway: { replicas: 'many' } } }),
  schema('roles', { roles: { coordinator: { autoscaling: { kind: 'hpa' } } } }),
  ...[...misspelledCpu, ...cpuBeyondNodes].flatMap((cpu) => [
    schema('roles', { roles: { views: { resources: { requests: { cpu } } } } }),
    schema('roles', { roles: { views: { resources: { limits: { cpu } } } } }),
  ]),
  schema('settings', { settings: { gateway: { waitMaxMilliseconds: 5 } } }),
  schema('settings', { settings: { gateway: { playerBurst: '5s' } } }),
  schema('settings', { settings: { overrides: { roles: { gatway: {} } } } }),
  schema('cluster', { cluster: { kafka: { bootstrap: ['kafka'] } } }),
  schema('cluster', { cluster: { kafka: { sasl: { username: 'hunt', password: 'hunter2' } } } }),
  schema('cluster', { cluster: { kafka: { tls: { enabled: true, key: 'hunter2' } } } }),
  schema('cluster', { cluster: { secrets: '/elsewhere' } }),
  schema('image', { image: { digest: 'latest' } }),
  schema('networkPolicy', { networkPolicy: { serverPorts: [70_000] } }),
];
