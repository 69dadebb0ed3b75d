import { bytes, type Calibration, type DeploymentSize, shown } from '@hunt/engine/sizing';
import { wrap } from '../arguments/help.ts';

/** What is needed, how to start it, and why: each line of the reasoning with its numbers and their source. */
export function sizeLines(
  size: DeploymentSize,
  { machine, at }: Calibration,
  file: string,
  { columns }: { readonly columns: number },
): string {
  const { form, nodes, capacity, headroom, limit, services, pricePerHour } = size;
  const fold = (text: string, indent = '') => wrap(text, columns, indent, '');
  const head =
    form === 'one process'
      ? `One process on ${shown(size.coresPerNode)} cores is enough.`
      : `A cluster of ${nodes} nodes with ${shown(size.coresPerNode)} cores each.`;
  const facts = [
    `It takes ${shown(capacity)} arrivals a second with nothing left over; at the peak ${shown(headroom * 100)} % of that is free. The ${limit} would be full first.`,
    `Partitions: ${size.partitions}. Memory in use of the fullest node: ${bytes(size.memoryBytes)}.${size.diskBytes > 0 ? ` Log: ${bytes(size.diskBytes)}.` : ''}`,
    ...(pricePerHour === null ? [] : [`Price: ${shown(pricePerHour)} an hour for the engine.`]),
    form === 'one process'
      ? `Start it: hunt serve --partitions ${size.partitions} --config ${file}`
      : `Start each: hunt serve --cluster cluster.yaml --roles LIST --config ${file}, with "partitions: ${size.partitions}" in the cluster file.`,
  ];
  const lines = [fold(head), ...facts.map((fact) => fold(fact)), ...roleLines(size)];
  if (services !== null) lines.push(...serviceLines(services).map((line) => fold(line, '  ')));
  const why = size.reasoning.flatMap(({ what, sum, source }) => [
    fold(`- ${what}: ${sum}`, '  '),
    wrap(`(${source})`, columns, '    ', '    '),
  ]);
  const whence = fold(
    `By costs measured on ${machine.cpu}, ${machine.cores} cores, at ${at}. What servers beside the engine take was measured elsewhere or is assumed, as each line says.`,
  );
  return `${[...lines, '', 'Why:', ...why, '', whence].join('\n')}\n`;
}

function roleLines({ form, roles }: DeploymentSize): string[] {
  if (form === 'one process') return [];
  const { gateway, processor } = roles;
  return [
    `  ${gateway} nodes: gateway`,
    `  ${processor} nodes: processor,views,archiver,coordinator`,
  ];
}

function serviceLines({
  kafka,
  cassandra,
  redis,
  zookeeper,
}: NonNullable<DeploymentSize['services']>): string[] {
  return [
    `  Kafka: ${kafka.brokers} brokers, ${kafka.replication} copies, ${bytes(kafka.writtenBytesPerSecond)}/s and ${bytes(kafka.diskBytes)} of disk each`,
    `  Cassandra: ${cassandra.nodes} nodes, ${cassandra.replication} copies, ${bytes(cassandra.diskBytes)} of disk each`,
    `  Redis: ${redis.nodes} and ${redis.copies} copy, ${bytes(redis.memoryBytes)} of memory each`,
    `  ZooKeeper: ${zookeeper.nodes}`,
  ];
}
