import { veltrixErrors } from '../errors.ts';
import { DocumentShape } from './document-shape.ts';
import type { RoleShares } from './role-shares.ts';

/** Which node has which partition: the one document that all nodes follow. */
export interface Assignment {
  /** By partition; as many as the plan has. */
  readonly partitions: readonly PartitionAssignment[];
  /** Where to reach each node that the document names. */
  readonly addresses: Readonly<Record<string, string>>;
  /** By role whose partitions are shared out among the nodes that have it: who works for which. */
  readonly shares: Readonly<Record<string, RoleShares>>;
  /**
   * By address of each member that there was, whether it takes encrypted connections; undefined while none does. Releases
   * before it neither read nor keep it.
   */
  readonly encrypted?: Readonly<Record<string, boolean>>;
  /** Who wrote it: node id and instance. Makes the bytes of any two writes differ. */
  readonly writer: string;
}

export interface PartitionAssignment {
  /** Node that is to own it; undefined until there was any. */
  readonly owner: string | undefined;
  /** Grows with each change of owner, and never goes back. 0 until there was an owner. */
  readonly epoch: number;
  /** Node that folds along, ready to take over. Never the owner. */
  readonly standby: string | undefined;
  /** Node that is to become the owner once it has caught up: a planned move. Never the owner. */
  readonly next: string | undefined;
  /** `next` has caught up: the owner is to let go now and to name it the owner itself. Only with a `next`. */
  readonly isHandingOver?: boolean;
}

/** A document as it was read or written, for the next compare-and-set. */
export interface VersionedAssignment extends Assignment {
  /** Grows with every write; starts again only when somebody removed the document by hand. */
  readonly version: number;
}

export function emptyAssignment(partitionCount: number): Assignment {
  const unowned = { owner: undefined, epoch: 0, standby: undefined, next: undefined };
  return {
    partitions: Array.from({ length: partitionCount }, () => unowned),
    addresses: {},
    shares: {},
    writer: '',
  };
}

/**
 * A row is `[owner, epoch, standby, next]`, and 1 while it is handed over: about fifty bytes a partition; a
 * share is about ten.
 */
export function encodeAssignment(assignment: Assignment): string {
  const { partitions, addresses, shares, encrypted, writer } = assignment;
  const rows = partitions.map(({ owner, epoch, standby, next, isHandingOver }) => [
    owner ?? null,
    epoch,
    standby ?? null,
    next ?? null,
    ...(isHandingOver ? [1] : []),
  ]);
  return JSON.stringify({ format: 1, writer, addresses, shares, encrypted, partitions: rows });
}

/** Throws `veltrix-coordination-damaged`, naming `place`. */
export function decodeAssignment(
  text: string,
  version: number,
  partitionCount: number,
  place: string,
): VersionedAssignment {
  const shape = DocumentShape.parse(place, text);
  shape.field('format').only(1);
  const rows = shape.field('partitions').items();
  if (rows.length !== partitionCount) {
    shape.fail(`${rows.length} partitions instead of ${partitionCount}`);
  }
  const addresses: Record<string, string> = {};
  for (const [node, address] of shape.field('addresses').entries()) {
    addresses[node] = address.text();
  }
  const shares: Record<string, RoleShares> = {};
  for (const [role, nodes] of shape.field('shares').optional()?.entries() ?? []) {
    shares[role] = nodes.items().map((node) => node.nullable()?.nodeId());
    if (shares[role].length !== partitionCount) {
      nodes.fail(`${shares[role].length} partitions instead of ${partitionCount}`);
    }
  }
  const encrypted = encryptedOf(shape.field('encrypted').optional());
  return {
    version,
    ...(encrypted && { encrypted }),
    writer: shape.field('writer').text(),
    addresses,
    shares,
    partitions: rows.map(decodeRow),
  };
}

function encryptedOf(shape: DocumentShape | undefined): Assignment['encrypted'] {
  const rows = shape?.entries().map(([address, takes]) => [address, takes.truth()] as const);
  return rows && Object.fromEntries(rows);
}

function decodeRow(row: DocumentShape): PartitionAssignment {
  const cells = row.items();
  if (cells.length !== 4 && cells.length !== 5) row.fail(`${cells.length} cells in place of 4`);
  const [owner, epoch, standby, next, handingOver] = cells as [
    ...[DocumentShape, DocumentShape, DocumentShape, DocumentShape],
    DocumentShape | undefined,
  ];
  handingOver?.only(1);
  const decoded = {
    owner: owner.nullable()?.nodeId(),
    epoch: epoch.count(),
    standby: standby.nullable()?.nodeId(),
    next: next.nullable()?.nodeId(),
    ...(handingOver ? { isHandingOver: true } : {}),
  };
  const problem = rowProblem(decoded);
  if (problem !== undefined) row.fail(problem);
  return decoded;
}

function rowProblem(row: PartitionAssignment): string | undefined {
  const { owner, epoch, standby, next, isHandingOver } = row;
  if (owner !== undefined && epoch === 0) return `${owner} owns it in epoch 0`;
  if (owner === undefined && (standby ?? next) !== undefined) return 'a standby but no owner';
  if (owner !== undefined && owner === standby) return `${owner} is owner and standby`;
  if (owner !== undefined && owner === next) return `${owner} is owner and next owner`;
  if (isHandingOver && next === undefined) return `${owner} hands it over to nobody`;
  return undefined;
}

/** What becomes of a partition once its owner has let go of it: nobody who folds along is lost. */
export function passedOn({
  owner,
  epoch,
  standby,
  next,
}: PartitionAssignment): PartitionAssignment {
  const isStandbyKept = standby !== undefined && standby !== next;
  return {
    owner: next,
    epoch: epoch + 1,
    standby: isStandbyKept ? standby : owner,
    next: undefined,
  };
}

/** Throws `veltrix-assignment-invalid` unless `next` may follow `base`. */
export function assertSuccessor(
  base: Assignment | undefined,
  next: Assignment,
  partitionCount: number,
): void {
  const fail = (reason: string): never => {
    throw veltrixErrors.create('veltrix-assignment-invalid', { reason });
  };
  if (next.partitions.length !== partitionCount) {
    fail(`${next.partitions.length} partitions instead of ${partitionCount}`);
  }
  for (const [role, { length }] of Object.entries(next.shares)) {
    if (length !== partitionCount)
      fail(`${role}: ${length} partitions instead of ${partitionCount}`);
  }
  for (const [partition, row] of next.partitions.entries()) {
    const problem = rowProblem(row);
    if (problem !== undefined) fail(`partition ${partition}: ${problem}`);
    const before = base?.partitions[partition];
    if (before === undefined) continue;
    if (row.epoch < before.epoch) {
      fail(`the epoch of partition ${partition} would go from ${before.epoch} to ${row.epoch}`);
    }
    if (row.owner !== before.owner && row.epoch === before.epoch) {
      fail(`partition ${partition} would change owner within epoch ${row.epoch}`);
    }
  }
}
