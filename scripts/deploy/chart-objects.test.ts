// What the chart makes of its samples, as Helm rendered it (deploy/rendered).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { engineSchema } from '@hunt/engine';
import { clusterRoles } from '@hunt/engine/cluster';
import { makeCertificates, whyNoCertificates } from '@hunt/services';
import { assertNoProblems, resolveConfig } from 'veltrix/config';
import { readConfigFile } from 'veltrix/config-file';
import { repositoryRoot } from '../repository.ts';
import { isFresh, type Manifest, renderedObjects, samples } from './chart.ts';
import { nodeOf } from './serve-line.ts';

test('what was rendered is of the chart as it is', () => {
  for (const name of samples) {
    assert.ok(isFresh(name), `deploy/rendered/${name}.yaml: npm run deploy:check -- --write`);
  }
});

/** What pods of a role may count on: what they ask for, or may have at most; of `large` what its cluster file says. */
const countedCores = {
  small: { gateway: 2, processor: 1.5, views: 0.75, archiver: 0.25, coordinator: 0.2 },
  large: { gateway: 1.5, processor: 1.5, views: 1.5, archiver: 1.5, coordinator: 1.5 },
  rehearsal: { gateway: 0.15, processor: 0.1, views: 0.1, archiver: 0.1, coordinator: 0.1 },
};

type Labels = Readonly<Record<string, string>>;
const selects = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

for (const name of samples) {
  const objects = renderedObjects(name);
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const one = (kind: string, found = ofKind(kind)): Manifest => {
    assert.equal(found.length, 1, kind);
    return found[0]!;
  };
  const workloads = [...ofKind('Deployment'), ...ofKind('StatefulSet')];
  const roleOf = (object: Manifest) => object.metadata.labels['app.kubernetes.io/component']!;

  test(`${name}: each role has a workload, and processors keep their names`, () => {
    assert.deepEqual(workloads.map(roleOf).sort(), [...clusterRoles].sort());
    assert.equal(roleOf(one('StatefulSet')), 'processor');
    const { serviceName } = one('StatefulSet')['spec'];
    const service = ofKind('Service').find(({ metadata }) => metadata.name === serviceName)!;
    assert.equal(service['spec'].clusterIP, 'None');
  });

  const skip = name === 'large' ? whyNoCertificates() : undefined;
  test(`${name}: hunt serve takes the arguments and the files`, { skip }, async (t) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'hunt-chart-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const files = Object.entries(one('ConfigMap')['data'] as Record<string, string>);
    const secrets = new Map<string, string>();
    for (const [file, text] of files) {
      // Only containers have the Secret.
      const here = text.replace(/\/run\/secrets\/hunt\/(\S+)/g, (_, key) => {
        secrets.set(key, `password of ${key}`);
        return key;
      });
      writeFileSync(path.join(directory, file), here);
    }
    if (secrets.has('ca.pem')) {
      const { ca, client, remove } = makeCertificates();
      secrets.set('ca.pem', ca.cert).set('node.pem', client.cert).set('node.key', client.key);
      remove();
    }
    for (const [key, text] of secrets) writeFileSync(path.join(directory, key), text);
    for (const workload of workloads) {
      const pod = workload['spec'].template.spec;
      const [container] = pod.containers;
      const known: Labels = { POD_NAME: 'hunt-pod-0', POD_IP: '10.0.0.7', MACHINE: 'machine-1' };
      const declared = container.env.map((variable: { readonly name: string }) => variable.name);
      const args = (container.args as string[]).map((text) =>
        text.replace(/\$\((\w+)\)/g, (_, variable) => {
          assert.ok(declared.includes(variable), variable);
          return known[variable]!;
        }),
      );
      for (const flag of ['--cluster', '--config']) {
        const file = args.find((text) => text.startsWith(`${flag}=`))!.slice(flag.length + 1);
        assert.ok(
          files.some(([known]) => `/etc/hunt/${known}` === file),
          file,
        );
      }
      const written = (container.env as readonly { readonly name: string; value?: string }[])
        .filter(({ value }) => value !== undefined)
        .map(({ name, value }) => [name, value!] as const);
      const variables = Object.fromEntries(written);
      const node = await nodeOf(args, path.join(directory, 'cluster.yaml'), variables);
      const role = roleOf(workload) as keyof (typeof countedCores)['small'];
      assert.deepEqual(node.roles, [role]);
      assert.equal(node.cores, countedCores[name][role], role);
      assert.deepEqual([node.node, node.address], ['hunt-pod-0', '10.0.0.7:7300']);
      assert.equal(node.zone, name === 'large' ? '' : 'machine-1');
      const mounts = container.volumeMounts as readonly { readonly mountPath: string }[];
      assert.ok(mounts.some(({ mountPath }) => mountPath === node.secrets));
    }
    const layer = await readConfigFile(engineSchema, path.join(directory, 'settings.yaml'));
    assertNoProblems(resolveConfig(engineSchema, [layer]).problems);
  });

  test(`${name}: pods are nobody, write nowhere, and know nothing of Kubernetes`, () => {
    for (const workload of workloads) {
      const pod = workload['spec'].template.spec;
      assert.equal(pod.automountServiceAccountToken, false);
      // HUNT_GATEWAY_PORT of a Service would be taken for a setting, and keep a node from starting.
      assert.equal(pod.enableServiceLinks, false);
      assert.deepEqual(pod.securityContext, {
        ...{ runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001 },
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of [...pod.initContainers, ...pod.containers]) {
        assert.deepEqual(container.securityContext, {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
          capabilities: { drop: ['ALL'] },
        });
        const { limits, requests } = container.resources;
        assert.ok(limits.memory && (requests.cpu ?? limits.cpu));
        const volumes = pod.volumes.map((volume: { readonly name: string }) => volume.name);
        for (const mount of container.volumeMounts) assert.ok(volumes.includes(mount.name));
      }
    }
  });

  test(`${name}: probes ask where the process answers, and a stop has time`, () => {
    for (const workload of workloads) {
      const pod = workload['spec'].template.spec;
      const [container] = pod.containers;
      const port = roleOf(workload) === 'gateway' ? 'http' : 'internal';
      const ports = container.ports.map((known: { readonly name: string }) => known.name);
      assert.ok(ports.includes(port));
      const asked = ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
        (probe) => container[probe].httpGet,
      );
      // The large sample has everything encrypted, which a probe takes as it is.
      const at = (where: string) => ({
        ...{ path: where, port },
        ...(name === 'large' && { scheme: 'HTTPS' }),
      });
      assert.deepEqual(asked, [at('/healthz'), at('/healthz'), at('/readyz')]);
      const before = container.lifecycle?.preStop.sleep.seconds ?? 0;
      assert.equal(before > 0, port === 'http', 'load balancers hear of gateways alone');
      assert.ok(pod.terminationGracePeriodSeconds >= before + 15, roleOf(workload));
    }
  });

  test(`${name}: what selects pods finds those of one role, and they are spread`, () => {
    const podLabels = workloads.map((workload) => workload['spec'].template.metadata.labels);
    for (const workload of workloads) {
      const { selector, template } = workload['spec'];
      const selected = podLabels.filter((labels) => selects(selector.matchLabels, labels));
      assert.deepEqual(selected, [template.metadata.labels]);
      const spread = template.spec.topologySpreadConstraints.map(
        (constraint: { readonly topologyKey: string; readonly labelSelector: object }) => {
          assert.deepEqual(constraint.labelSelector, selector);
          return constraint.topologyKey;
        },
      );
      assert.deepEqual(spread, ['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
      const budgets = ofKind('PodDisruptionBudget').filter(
        (budget) => budget.metadata.name === workload.metadata.name,
      );
      const scaler = objects.find(
        ({ spec }) => spec?.scaleTargetRef?.name === workload.metadata.name,
      );
      const { replicas, minReplicas, minReplicaCount } = {
        ...scaler?.['spec'],
        ...workload['spec'],
      };
      const isAlone = (replicas ?? minReplicas ?? minReplicaCount) === 1;
      assert.equal(budgets.length, isAlone ? 0 : 1, 'one pod with a budget could never be moved');
      for (const budget of budgets) assert.deepEqual(budget['spec'].selector, selector);
    }
    for (const { spec } of ofKind('Service') as readonly Manifest[]) {
      assert.equal(podLabels.filter((labels) => selects(spec.selector, labels)).length, 1);
    }
  });

  test(`${name}: only nodes reach what nodes ask each other`, () => {
    const policies = ofKind('NetworkPolicy');
    const all = policies.find(({ metadata }) => metadata.name === 'hunt')!['spec'];
    for (const workload of workloads) {
      const { labels } = workload['spec'].template.metadata;
      assert.ok(selects(all.podSelector.matchLabels, labels));
    }
    assert.deepEqual(all.policyTypes, ['Ingress', 'Egress']);
    assert.equal(all.ingress.length, 1);
    assert.deepEqual(all.ingress[0].ports, [{ protocol: 'TCP', port: 'internal' }]);
    assert.deepEqual(all.ingress[0].from[0], { podSelector: all.podSelector });
    assert.equal(all.ingress[0].from.length, name === 'large' ? 2 : 1, 'and who reads metrics');
    const servers = all.egress.at(-1).ports.map(({ port }: { readonly port: number }) => port);
    const ports = [9092, 2181, 6379, 9042];
    assert.deepEqual(servers, name === 'large' ? [...ports, 9094] : ports);
  });

  test(`${name}: the ConfigMap has no secret`, () => {
    const text = JSON.stringify(one('ConfigMap')['data']);
    for (const [, value] of text.matchAll(/(?:password|credentials|key): (\S+?)\\n/g)) {
      assert.match(value!, /^file:\/run\/secrets\/hunt\//);
    }
    assert.equal(text.includes('password'), name === 'large');
  });
}

test('Prometheus is told of every node, as the job that alerts look for', () => {
  const objects = renderedObjects('large');
  const { spec } = objects.find(({ kind }) => kind === 'PodMonitor')!;
  const pods = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  for (const pod of pods) {
    const { labels } = pod['spec'].template.metadata;
    assert.ok(selects(spec.selector.matchLabels, labels));
    assert.equal(labels[spec.jobLabel], 'hunt');
    const [{ ports }] = pod['spec'].template.spec.containers;
    const [endpoint] = spec.podMetricsEndpoints;
    assert.ok(ports.some(({ name }: { readonly name: string }) => name === endpoint.port));
  }
  const [{ scheme, tlsConfig }] = spec.podMetricsEndpoints;
  assert.equal(scheme, 'https');
  assert.deepEqual(tlsConfig, {
    ca: { secret: { name: 'hunt-secret', key: 'ca.pem' } },
    serverName: 'servers.example',
  });
  assert.ok(!renderedObjects('small').some(({ kind }) => kind === 'PodMonitor'));
});

test('what is scaled has no number of its own, and metrics that exist', () => {
  const objects = renderedObjects('large');
  const page = readFileSync(path.join(repositoryRoot, 'docs/metrics.md'), 'utf8');
  const scalers = objects.filter(({ kind }) => /^(Horizontal|Scaled)/.test(kind));
  assert.deepEqual(scalers.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort(), [
    'HorizontalPodAutoscaler hunt-gateway',
    'ScaledObject hunt-processor',
    'ScaledObject hunt-views',
  ]);
  for (const { spec } of scalers) {
    const { kind, name } = spec.scaleTargetRef;
    const target = objects.find((object) => object.kind === kind && object.metadata.name === name);
    assert.ok(target && !('replicas' in target['spec']), name);
    for (const [metric] of JSON.stringify(spec).matchAll(/\bhunt_[a-z_]+/g)) {
      assert.ok(page.includes(`\n### ${metric}\n`), metric);
    }
  }
  const processor = scalers.find(({ metadata }) => metadata.name === 'hunt-processor')!;
  assert.equal(
    processor['spec'].triggers[0].metadata.query,
    'max(hunt_lag_seconds{consumer="processor",namespace="hunt"})',
  );
  assert.equal(processor['spec'].triggers[0].metadata.ignoreNullValues, 'false');
  const gateway = scalers.find(({ metadata }) => metadata.name === 'hunt-gateway')!;
  // Its two series would be added up, or the one that more gateways do not change would count.
  assert.deepEqual(gateway['spec'].metrics[1].pods.metric, {
    name: 'hunt_gateway_knee_ratio',
    selector: { matchLabels: { source: 'utilisation' } },
  });
});
