import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { chartPartitions, chartWorkloads } from './chart-workloads.ts';
import { measuredReadings } from './measured-readings.ts';

const chart = path.join(import.meta.dirname, '../../../../deploy/chart');
const valuesOf = (file: string) => parse(readFileSync(path.join(chart, file), 'utf8'));

test('every role is scaled by what the values of the chart say', () => {
  const [values, sample] = [valuesOf('values.yaml'), valuesOf('ci/rehearsal-values.yaml')];
  const workloads = chartWorkloads();
  assert.deepEqual(workloads.map(({ role }) => role).sort(), Object.keys(values.roles).sort());
  for (const { role, policy, replicas, requestedCores, graceMs, preStopMs } of workloads) {
    const [given, own] = [values.roles[role], sample.roles[role]];
    assert.equal(graceMs, given.terminationGracePeriodSeconds * 1_000);
    assert.equal(preStopMs, role === 'gateway' ? sample.drainSeconds * 1_000 : 0);
    if (role === 'coordinator') {
      assert.deepEqual([policy, replicas], [undefined, own.replicas]);
      continue;
    }
    assert.equal(`${requestedCores * 1_000}m`, own.resources.requests.cpu);
    const { kind, min, max, podMetrics } = { ...given.autoscaling, ...own.autoscaling };
    assert.deepEqual([policy!.min, policy!.max], [min, max]);
    const cpu = policy!.targets.find((target) => target.kind === 'cpu')!;
    assert.equal(cpu.target, given.autoscaling.cpuPercent / 100);
    const other = policy!.targets.find((target) => target.kind !== 'cpu')!;
    if (kind === 'keda') {
      assert.ok(other.kind === 'value' && other.query.includes(`consumer="${role}"`));
      assert.equal(other.target, given.autoscaling.target);
    } else {
      assert.equal(other.kind, 'pods');
      assert.equal(other.name, podMetrics[0].name);
      assert.equal(other.target, Number(podMetrics[0].average));
      assert.deepEqual(other.selector, podMetrics[0].labels);
    }
    assert.ok(policy!.down.stabilizationMs > policy!.up.stabilizationMs);
    assert.ok(policy!.up.policies.length > 0 && policy!.down.policies.length > 0);
  }
  assert.equal(chartPartitions(), sample.cluster.partitions);
});

const made = `
kind: StatefulSet
metadata: { name: hunt-processor, labels: { app.kubernetes.io/component: processor } }
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - resources: { requests: { cpu: 1500m } }
          startupProbe: { periodSeconds: 5, failureThreshold: 6 }
---
kind: HorizontalPodAutoscaler
metadata: { name: hunt-processor }
spec:
  scaleTargetRef: { name: hunt-processor }
  minReplicas: 2
  maxReplicas: 9
  behavior:
    scaleUp: { stabilizationWindowSeconds: 15, policies: [{ type: Percent, value: 50, periodSeconds: 30 }] }
    scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: Pods, value: 2, periodSeconds: 90 }] }
  metrics:
    - { type: Resource, resource: { name: cpu, target: { averageUtilization: 80 } } }
    - { type: Pods, pods: { metric: { name: some, selector: { matchLabels: { source: one } } }, target: { averageValue: 250m } } }
`;

test('quantities, windows, policies and selectors are read', () => {
  assert.deepEqual(chartWorkloads(made), [
    {
      ...{ role: 'processor', replicas: 1, requestedCores: 1.5, keepsNames: true },
      ...{ startMs: 30_000, preStopMs: 0, graceMs: 60_000 },
      policy: {
        ...{ min: 2, max: 9 },
        targets: [
          { kind: 'cpu', name: 'cpu', target: 0.8 },
          { kind: 'pods', name: 'some', selector: { source: 'one' }, target: 0.25 },
        ],
        up: {
          stabilizationMs: 15_000,
          policies: [{ unit: 'Percent', value: 50, periodMs: 30_000 }],
        },
        down: {
          stabilizationMs: 60_000,
          policies: [{ unit: 'Pods', value: 2, periodMs: 90_000 }],
        },
      },
    },
  ]);
});

test('a kind of metric that nobody here measures is an error that names it', () => {
  const unknown = made.replace('type: Resource', 'type: ContainerResource');
  assert.throws(() => chartWorkloads(unknown), /hunt-processor scales by something unknown/);
  assert.throws(() => chartWorkloads(made.replace('1500m', '1.5Gi')), /"1.5Gi" is a quantity/);
  assert.throws(() => chartPartitions(made), /no ConfigMap/);
});

test('Prometheus is asked for each pod, and what it does not tell is not known', async () => {
  const asked: string[] = [];
  const [workload] = chartWorkloads(made);
  const pods = ['processor-0', 'processor-1'].map((name) => ({ name, isReady: true }));
  const readings = await measuredReadings(workload!, pods, async (query) => {
    asked.push(query);
    if (query.includes('some')) throw new Error('Prometheus is away');
    return new Map([
      ['processor-0', 0.75],
      ['processor-7', 3],
    ]);
  });
  assert.deepEqual(readings, [
    { of: 'cpu', target: 0.8, values: new Map([['processor-0', 0.5]]) },
    { of: 'some', target: 0.25, values: new Map() },
  ]);
  assert.match(asked[0]!, /rate\(hunt_process_cpu_seconds_total\{role="processor"\}/);
  assert.equal(asked[1], 'sum by (pod) (some{role="processor",source="one"})');
});
