import { randomBytes } from 'node:crypto';
import { addCommand, answerHash, commandType, partitionOf } from '@hunt/rules';
import { huntApplication } from '@hunt/rules/fold';
import { align8, CommandRecordBuilder, type Stream, systemClock } from 'veltrix';
import { EventGate } from 'veltrix/cluster';
import { PartitionFold } from 'veltrix/processor';
import { testHuntId, testSecret } from '../../gateway/testing/test-hunt.ts';
import type { SimulatedServers } from './simulated-place.ts';

const at = Date.UTC(2030, 0, 2);

/**
 * What nodes leave in the log of a cluster that plays on: each partition gets a new owner, who
 * decides what new teams ask; and between that what does not count.
 */
export async function playOnServers(
  servers: SimulatedServers,
  { teams, firstTeam }: { readonly teams: number; readonly firstTeam: number },
): Promise<void> {
  const { identity } = servers.log!;
  const log = servers.log!.connect({ clock: systemClock });
  for (let partition = 0; partition < identity.partitionCount; partition++) {
    const append = (stream: Stream, record: Uint8Array) =>
      new Promise<number>((resolve, reject) =>
        log
          .partition(partition)
          .append(stream, record, (error, offset) => (error ? reject(error) : resolve(offset))),
      );
    const fold = new PartitionFold({
      ...{ application: huntApplication, identity, partition, tableMaxRows: 1 << 20 },
    });
    const gate = new EventGate();
    for (const [offset, bytes] of servers.log!.committed(partition, 'events')) {
      if (gate.judge(offset, bytes).dropped) continue;
      fold.evolve(offset, bytes);
      fold.effects.forget();
    }
    const epoch = gate.epoch + 1;
    const claim = ownerStarted(epoch);
    fold.evolve(await append('events', claim), claim);
    // A claim that came too late.
    await append('events', ownerStarted(epoch));
    let sequence = 0;
    let decided: Uint8Array | undefined;
    for (let number = firstTeam; number < firstTeam + teams; number++) {
      const team = { low: number, high: number * 31 };
      const { low, high } = testHuntId;
      if (partitionOf(identity.partitionCount, low, high, team.low, team.high) !== partition)
        continue;
      const record = played(team);
      const offset = await append('commands', record);
      sequence += 1;
      // Of who owned it before, and of one whose record before did not arrive.
      if (decided)
        await append(
          'events',
          edited(decided, (view) => view.setUint32(8, epoch - 1, true)),
        );
      decided = fold.decide(offset, record, epoch, sequence).slice();
      fold.effects.forget();
      await append(
        'events',
        edited(decided, (view) => view.setUint32(20, sequence + 1, true)),
      );
      await append('events', decided);
      if (number % 3 === 0) await append('events', decided);
    }
  }
  await new Promise<void>((resolve) => log.close(() => resolve()));
}

/** See docs/log-format.md, "Owner record". */
function ownerStarted(epoch: number): Uint8Array {
  const name = Buffer.from('test');
  const bytes = new Uint8Array(32 + align8(name.length));
  const view = new DataView(bytes.buffer);
  bytes.set([1, 3]);
  view.setUint32(4, epoch, true);
  bytes.set(randomBytes(16), 8);
  view.setUint32(24, name.length, true);
  bytes.set(name, 32);
  return bytes;
}

function edited(record: Uint8Array, edit: (view: DataView) => void): Uint8Array {
  const copy = record.slice();
  edit(new DataView(copy.buffer));
  return copy;
}

function played(team: { readonly low: number; readonly high: number }): Uint8Array {
  const builder = new CommandRecordBuilder();
  const add = (type: number, extra?: Uint8Array) =>
    addCommand(builder, {
      ...{ type, receivedAt: at, commandId: randomBytes(16), hunt: testHuntId, team, player: team },
      ...(extra && { extra }),
    });
  add(commandType.registerTeam);
  add(commandType.takeHint);
  add(commandType.submitAnswer, answerHash(testSecret, 'test-hunt', 'water'));
  add(commandType.claimTreasure);
  return builder.finish(7, team.low, at).slice();
}
