import type { LogIdentity } from '../log/log.ts';
import { firstLevels } from './cluster-level.ts';
import type { LoadReport, Member, PartitionReport } from './coordinator.ts';
import { DocumentShape } from './document-shape.ts';
import { type PeerEncryption, peerEncryptions } from './peer-encryption.ts';

export function encodePlan({ logId, partitionCount, dedupeWindow }: LogIdentity): string {
  return JSON.stringify({ format: 1, logId, partitionCount, dedupeWindow });
}

/** Throws `veltrix-coordination-damaged`, as all here that decodes. */
export function decodePlan(text: string, place: string): LogIdentity {
  const shape = DocumentShape.parse(place, text);
  shape.field('format').only(1);
  return planOf(shape);
}

function planOf(shape: DocumentShape): LogIdentity {
  return {
    logId: shape.field('logId').text(),
    partitionCount: shape.field('partitionCount').count(),
    dedupeWindow: shape.field('dedupeWindow').count(),
  };
}

/** Releases that know the first level only do not say so. */
function levelsOf(shape: DocumentShape | undefined): Member['levels'] {
  if (shape === undefined) return firstLevels;
  const levels = { least: shape.field('least').count(), most: shape.field('most').count() };
  return levels.least <= levels.most ? levels : shape.fail('more at least than at most');
}

/** What a member, or one who leads, says of it; nothing where it does not. */
export function encryptionOf(shape: DocumentShape): { readonly encryption?: PeerEncryption } {
  const said = shape.field('encryption').optional();
  if (said === undefined) return {};
  const encryption = peerEncryptions.find((known) => known === said.text());
  return encryption === undefined ? said.fail(`none of ${peerEncryptions}`) : { encryption };
}

export function encodeMember(member: Member): string {
  return JSON.stringify(member);
}

export function decodeMember(text: string, place: string): Member {
  const shape = DocumentShape.parse(place, text);
  return {
    nodeId: shape.field('nodeId').nodeId(),
    instance: shape.field('instance').text(),
    address: shape.field('address').text(),
    roles: shape
      .field('roles')
      .items()
      .map((role) => role.text()),
    release: shape.field('release').text(),
    levels: levelsOf(shape.field('levels').optional()),
    ...encryptionOf(shape),
    zone: shape.field('zone').text(),
    capacity: shape.field('capacity').amount(),
    plan: planOf(shape.field('plan')),
  };
}

/** Partitions as rows of numbers, costs to a tenth: reports are written all the time. */
export function encodeLoad(load: LoadReport): string {
  return JSON.stringify({
    instance: load.instance,
    sequence: load.sequence,
    cpu: Math.round(load.cpu * 1000) / 1000,
    delay: Math.round(load.eventLoopDelayMs),
    draining: load.draining,
    partitions: load.partitions.map((row) => [
      row.partition,
      row.part === 'owner' ? 1 : 0,
      row.epoch,
      row.progress,
      row.waiting,
      Math.round(row.queueAgeMs),
      row.lag,
      Math.round(row.cost * 10) / 10,
    ]),
  });
}

export function decodeLoad(text: string, place: string): LoadReport {
  const shape = DocumentShape.parse(place, text);
  return {
    instance: shape.field('instance').text(),
    sequence: shape.field('sequence').count(),
    cpu: shape.field('cpu').amount(),
    eventLoopDelayMs: shape.field('delay').amount(),
    draining: shape.field('draining').truth(),
    partitions: shape.field('partitions').items().map(decodePartition),
  };
}

function decodePartition(row: DocumentShape): PartitionReport {
  const cells = row.items();
  if (cells.length !== 8) row.fail(`${cells.length} cells in place of 8`);
  const [partition, part, epoch, progress, waiting, queueAgeMs, lag, cost] = cells.map((cell) =>
    cell.amount(),
  ) as [number, number, number, number, number, number, number, number];
  return {
    partition,
    part: part === 1 ? 'owner' : 'standby',
    epoch,
    progress,
    waiting,
    queueAgeMs,
    lag,
    cost,
  };
}
