import { settingsSchema } from '@hunt/engine';
import { clusterRoles } from '@hunt/engine/cluster';
import { clusterSchema } from '@hunt/engine/cluster-settings';
import { isNumber, type Property } from 'veltrix/config';

type Schema = Readonly<Record<string, unknown>>;

/** What has no keys but these. */
function closed(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    additionalProperties: false,
    properties,
  };
}

const text = (description: string, pattern?: string): Schema => ({
  ...{ type: 'string', description },
  ...(pattern !== undefined && { pattern }),
});
const whole = (description: string, minimum: number, maximum: number): Schema => ({
  ...{ type: 'integer', description, minimum, maximum },
});
const list = (description: string, items: Schema): Schema => ({
  ...{ type: 'array', description, items },
});
/** Left to Kubernetes, which says what is wrong with it. */
const free = (description: string): Schema => ({ type: 'object', description });
const truth = (description: string): Schema => ({ type: 'boolean', description });
const address: Schema = { type: 'string', pattern: '^[^\\s/:,]+:[0-9]{1,5}$' };

/** Where the Secret is mounted. */
const secretFile = '/run/secrets/hunt/[A-Za-z0-9._-]+';
/** What is beside the secrets in the Secret. */
const fromSecret = /\.tls\.(ca|cert)$/;
/** What the chart says of each node by itself, and what one machine would keep. */
const notValues = /^(node\.(name|address|zone|roles|secrets)|identity\.(address|database))$/;

/** One key of the cluster file, stricter than the file itself: lists are lists, and secrets are in the Secret. */
function clusterValue(name: string, property: Property): Schema {
  const description = property.text;
  if (fromSecret.test(name)) {
    return text(`${description} As /run/secrets/hunt/KEY.`, `^(|${secretFile})$`);
  }
  if (property.type === 'secret') {
    return text(
      `${description} A key of the Secret, as file:/run/secrets/hunt/KEY.`,
      `^file:${secretFile}$`,
    );
  }
  if (isNumber(property)) {
    const { type, least: minimum, most: maximum } = property;
    return { type: type === 'ratio' ? 'number' : 'integer', description, minimum, maximum };
  }
  switch (property.type) {
    case 'boolean':
      return truth(description);
    case 'choice':
      return { description, enum: property.choices };
    case 'list':
      return list(description, address);
    case 'map':
      return free(description);
    default:
      return text(description, property.form?.source);
  }
}

/** The cluster file as the engine declares it, less what the chart says of each node; keys at the top as files have them. */
function clusterValues(): Schema {
  const properties: Record<string, Schema> = {};
  for (const [name, property] of clusterSchema.properties) {
    if (notValues.test(name)) continue;
    const { alias = name } = property;
    const path = alias.includes('.') ? name : alias;
    put(properties, path.split('.'), clusterValue(name, property));
  }
  return closed(
    properties,
    'The file of docs/cluster.md. Node, address, zone, roles and secrets are said by the chart.',
  );
}

function put(into: Record<string, Schema>, [key = '', ...below]: string[], form: Schema): void {
  if (below.length === 0) {
    into[key] = form;
    return;
  }
  into[key] ??= closed({});
  put((into[key] as { properties: Record<string, Schema> }).properties, below, form);
}

const autoscaling = closed({
  kind: { description: 'Who scales the role.', enum: ['none', 'hpa', 'keda'] },
  min: whole('Replicas, at least.', 1, 1_000),
  max: whole('Replicas, at most.', 1, 1_000),
  cpuPercent: whole('Of the processor time asked for, at which more are wanted.', 1, 100),
  podMetrics: list(
    'For hpa: more metrics of pods, from an adapter for custom metrics.',
    closed({
      name: text('Of the metric.', '^[a-zA-Z_:][a-zA-Z0-9_:]*$'),
      labels: {
        ...free('Of the series that is meant: an adapter adds up those that are left.'),
        additionalProperties: { type: 'string' },
      },
      average: text('A quantity, such as "0.7" or "500m".', '^[0-9.]+[a-zA-Z]*$'),
    }),
  ),
  target: {
    ...{ type: 'number', exclusiveMinimum: 0 },
    description: 'For keda: seconds behind the log, or how near the knee gateways may be.',
  },
});

/** A number with at most so many digits before and after its point. */
const digits = (whole: number, behind: number) =>
  `(0*[0-9]{1,${whole}}(\\.[0-9]{0,${behind}})?|\\.[0-9]{1,${behind}})`;

/** Less than 10,000 cores, and no part of a billionth, in any unit. */
const cpuForms = [
  ...[digits(4, 9), `${digits(7, 6)}m`, `${digits(10, 3)}u`, '0*[0-9]{1,13}n'],
  ...[`${digits(1, 9)}[eE]\\+?0?[0-3]`, `${digits(4, 3)}[eE]-0?[0-6]`],
];

/**
 * The chart tells nodes what their pods ask for, as `node.cores`, which ends at 10,000, and in billionths at least: what would be
 * less than one would be told as 0, the whole machine. What Kubernetes lets be written beyond that is refused.
 */
const cpu: Schema = {
  ...{ type: ['string', 'number'], minimum: 0, exclusiveMaximum: 10_000 },
  not: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1e-9 },
  pattern: `^\\+?(${cpuForms.join('|')})$`,
  description:
    'In cores ("2", 1.5), or in thousandths, millionths or billionths of one ("500m", "500000u"); less than 10,000. Nodes count on what pods ask for, or else on what they may have at most, unless cluster.cores says on what.',
};

const resources: Schema = {
  ...free('Processor time and memory of each pod.'),
  properties: {
    requests: { ...free('What a pod asks for.'), properties: { cpu } },
    limits: { ...free('What a pod may have at most.'), properties: { cpu } },
  },
};

function role(name: string): Schema {
  return closed(
    {
      replicas: whole('Without autoscaling.', 0, 1_000),
      resources,
      terminationGracePeriodSeconds: whole('How long a pod may take to stop.', 0, 3_600),
      ...(name !== 'coordinator' && { autoscaling }),
      nodeSelector: free('Machines where its pods may be.'),
      tolerations: list('Taints that its pods bear.', free('A toleration.')),
      affinity: free('In place of what the chart says: nothing.'),
      podAnnotations: {
        ...free('Annotations of its pods.'),
        additionalProperties: { type: 'string' },
      },
    },
    `Pods with the role ${name}.`,
  );
}

/** The settings as the engine declares them; what is nested below needs no draft of its own. */
function settings(): Schema {
  const { $schema: _draft, title: _title, ...schema } = settingsSchema();
  return { description: 'The file of docs/configuration.md, for all nodes.', ...schema };
}

/** The JSON Schema (draft 7) of the chart's values. Helm holds values against it before it renders anything. */
export function chartValuesSchema(): Schema {
  const peers = (description: string) => list(description, free('A peer of a NetworkPolicy.'));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart of the Treasure Hunt Engine',
    ...closed({
      // Helm's own, for charts that have this one as a part.
      global: free('Of a chart that this one is part of; not used.'),
      image: closed({
        repository: text('Where the image is.', '.'),
        tag: text("The chart's appVersion unless given."),
        digest: text('Before the tag.', '^(|sha256:[0-9a-f]{64})$'),
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
        pullSecrets: list('Names of Secrets.', { type: 'string' }),
      }),
      secretName: text('A Secret with the keys that docs/deploy.md names.'),
      cluster: clusterValues(),
      settings: settings(),
      logLevel: { enum: ['debug', 'info', 'warn', 'error', 'silent'] },
      zoneFrom: {
        description: 'What a node fails together with.',
        enum: ['machine', 'nothing'],
      },
      roles: closed(Object.fromEntries(clusterRoles.map((name) => [name, role(name)]))),
      drainSeconds: whole('How long a gateway goes on after it was asked to stop.', 0, 600),
      service: closed({
        type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
        port: whole('Of the Service of the gateways.', 1, 65_535),
        annotations: free('Of that Service.'),
      }),
      ingress: closed({
        enabled: truth('Whether there is one.'),
        className: text('Of the controller; its default unless given.'),
        host: text('Name under which players come.'),
        tlsSecretName: text('A Secret with the certificate.'),
        annotations: free('For the controller.'),
      }),
      networkPolicy: closed({
        enabled: truth('Whether only what has to be reached is.'),
        playersFrom: peers('Who may reach gateways; everybody when empty.'),
        metricsFrom: peers('Who may read metrics.'),
        serversTo: peers('Where the servers are; anywhere when empty.'),
        serverPorts: list('Ports of servers that no address names.', {
          ...{ type: 'integer', minimum: 1, maximum: 65_535 },
        }),
      }),
      podMonitor: closed({
        enabled: truth('Whether there is one, for the Prometheus operator.'),
        interval: text('How often nodes are asked.', '^[0-9]+(ms|s|m)$'),
        labels: free('By which Prometheus finds it.'),
      }),
      keda: closed({
        prometheusUrl: text('Where Prometheus is asked.', '^(|https?://.+)$'),
        selector: text('Labels of the metrics of this cluster, as in a query.'),
      }),
    }),
  };
}
