import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { ScalingPolicy, ScalingRule, ScalingTarget } from './scaling-policy.ts';

/** What the chart makes of one role. */
export interface Workload {
  readonly role: string;
  /** Replicas where nothing scales the role. */
  readonly replicas: number;
  /** Undefined where nothing scales it. */
  readonly policy: ScalingPolicy | undefined;
  /** Processor time that a pod asks for, in cores. */
  readonly requestedCores: number;
  /** How long a pod may take to start. */
  readonly startMs: number;
  /** How long a pod goes on after it was asked to stop, before it hears of it. */
  readonly preStopMs: number;
  /** After this time a pod that was asked to stop is killed. */
  readonly graceMs: number;
  /** Pods have the same names again: `role-0`, `role-1`. */
  readonly keepsNames: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes, held against its schemas by npm test.
type KubernetesObject = any;

const renderedFile = fileURLToPath(
  new URL('../../../../deploy/rendered/rehearsal.yaml', import.meta.url),
);
const roleLabel = 'app.kubernetes.io/component';

/** The roles as Helm renders them of `deploy/chart` with `ci/rehearsal-values.yaml`. */
export function chartWorkloads(text: string = readFileSync(renderedFile, 'utf8')): Workload[] {
  const objects: readonly KubernetesObject[] = parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null);
  const scalers = new Map(
    objects
      .filter(({ spec }) => spec?.scaleTargetRef !== undefined)
      .map((object) => [object.spec.scaleTargetRef.name as string, object]),
  );
  return objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map((object) => workloadOf(object, scalers.get(object.metadata.name)));
}

/** How many partitions the cluster file of the same rendering has. */
export function chartPartitions(text: string = readFileSync(renderedFile, 'utf8')): number {
  for (const document of parseAllDocuments(text)) {
    const object: KubernetesObject = document.toJS();
    const file = object?.kind === 'ConfigMap' ? object.data?.['cluster.yaml'] : undefined;
    const [cluster] = file === undefined ? [] : parseAllDocuments(file);
    const partitions = cluster?.toJS()?.partitions;
    if (Number.isInteger(partitions)) return partitions;
  }
  throw new Error('no ConfigMap of the chart says how many partitions there are');
}

function workloadOf(object: KubernetesObject, scaler: KubernetesObject | undefined): Workload {
  const { spec } = object;
  const pod = spec.template.spec;
  const [container] = pod.containers;
  return {
    role: object.metadata.labels[roleLabel],
    replicas: spec.replicas ?? 1,
    policy: scaler && policyOf(scaler),
    requestedCores: quantity(container.resources.requests.cpu),
    startMs: startOf(container.startupProbe),
    preStopMs: (container.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1_000,
    graceMs: pod.terminationGracePeriodSeconds * 1_000,
    keepsNames: object.kind === 'StatefulSet',
  };
}

function startOf({ periodSeconds, failureThreshold }: KubernetesObject): number {
  return periodSeconds * failureThreshold * 1_000;
}

function policyOf({ kind, spec, metadata }: KubernetesObject): ScalingPolicy {
  const isHpa = kind === 'HorizontalPodAutoscaler';
  const behavior = isHpa ? spec.behavior : spec.advanced.horizontalPodAutoscalerConfig.behavior;
  const sources: readonly KubernetesObject[] = isHpa ? spec.metrics : spec.triggers;
  return {
    min: isHpa ? spec.minReplicas : spec.minReplicaCount,
    max: isHpa ? spec.maxReplicas : spec.maxReplicaCount,
    targets: sources.map((source) => {
      const target = isHpa ? targetOfMetric(source) : targetOfTrigger(source);
      if (target !== undefined) return target;
      throw new Error(`${metadata.name} scales by something unknown: ${JSON.stringify(source)}`);
    }),
    up: ruleOf(behavior.scaleUp),
    down: ruleOf(behavior.scaleDown),
  };
}

function ruleOf({ stabilizationWindowSeconds, policies }: KubernetesObject): ScalingRule {
  return {
    stabilizationMs: stabilizationWindowSeconds * 1_000,
    policies: policies.map(({ type, value, periodSeconds }: KubernetesObject) => ({
      ...{ unit: type, value, periodMs: periodSeconds * 1_000 },
    })),
  };
}

/** Of a HorizontalPodAutoscaler. */
function targetOfMetric({ type, resource, pods }: KubernetesObject): ScalingTarget | undefined {
  if (type === 'Resource' && resource.name === 'cpu') {
    return { kind: 'cpu', name: 'cpu', target: resource.target.averageUtilization / 100 };
  }
  if (type !== 'Pods') return undefined;
  return {
    ...{ kind: 'pods', name: pods.metric.name },
    selector: pods.metric.selector?.matchLabels ?? {},
    target: quantity(pods.target.averageValue),
  };
}

/** Of a ScaledObject of KEDA. */
function targetOfTrigger({
  type,
  metricType,
  metadata,
}: KubernetesObject): ScalingTarget | undefined {
  if (type === 'cpu') return { kind: 'cpu', name: 'cpu', target: Number(metadata.value) / 100 };
  if (type !== 'prometheus' || metricType !== 'Value') return undefined;
  const { query, threshold } = metadata;
  const name = /\bhunt_[a-z_]+/.exec(query)?.[0] ?? query;
  return { kind: 'value', name, query, target: Number(threshold) };
}

/** A quantity of Kubernetes, as `0.7`, `2` or `500m`. */
function quantity(text: string | number): number {
  const [, digits, milli] = /^([0-9.]+)(m?)$/.exec(String(text)) ?? [];
  if (digits === undefined) throw new Error(`"${text}" is a quantity that nobody here reads`);
  return Number(digits) / (milli === 'm' ? 1_000 : 1);
}
