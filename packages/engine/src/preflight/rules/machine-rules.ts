import { descriptorsNeeded } from '../../descriptor-limit.ts';
import { bytesText, isSet, numberOf, partitionsOf, setting } from '../amount.ts';
import { largestBuffers } from '../buffers.ts';
import type { SettingFacts } from '../facts.ts';
import { type Compared, defineRule, type Rule } from '../rule.ts';

/** A remembered id takes a row of 32 bytes, and four entries of four bytes by which it is found. */
const dedupeRowBytes = 48;
/** One that is written to, one that is prepared. */
const segmentsInUse = 2;

/** What settings have to be to the machine that the process runs on. */
export const machineRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-memory-buffers',
    title: 'All buffers together fit into memory when they are full',
    severity: 'warns',
    needs: ['settings', 'deployment', 'memory'],
    why: 'Each buffer has its limit, but a crowd that fills all of them ends the process for lack of memory instead of being refused.',
    remedy:
      'Lower the largest of the limits that the finding names, or give the process more memory.',
    settings: [
      'gateway.liveBacklogMaxBytes',
      'gateway.liveConnectionsMax',
      'gateway.inflightMaxBytes',
      'log.inflightMaxBytes',
      'views.maxTeams',
      'views.updatesMaxBytes',
      'archive.inflightMaxBytes',
    ],
    *check({ settings, deployment, memory }) {
      const buffers = largestBuffers(settings, deployment);
      const sum = buffers.reduce((total, { bytes }) => total + bytes, 0);
      const [first, second] = buffers;
      if (first === undefined || second === undefined || !(sum > memory.bytes)) return;
      yield {
        values: [
          {
            what: 'all buffers when full',
            value: `${bytesText(sum)}, of which ${first.what} ${bytesText(first.bytes)} and ${second.what} ${bytesText(second.bytes)}`,
            source: first.names.map((name) => setting(settings, name).source).join(', '),
          },
          { what: 'memory', value: bytesText(memory.bytes), source: memory.source },
        ],
        change: `Lower ${first.names.join(' or ')}, now ${first.names.map((name) => setting(settings, name).value).join(' and ')}.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-memory-dedupe',
    title: 'The command ids that partitions remember fit into memory',
    severity: 'refuses',
    needs: ['deployment', 'memory'],
    why: 'Every partition remembers ids, and a process may have to take over all partitions: it would end for lack of memory, and so would the next one.',
    remedy:
      'Give the process more memory; dedupeWindow and partitions are pinned when the deployment is made.',
    settings: ['dedupeWindow', 'partitions'],
    *check({ deployment, memory }) {
      const { dedupeWindow, partitions, source } = deployment;
      const bytes = dedupeRowBytes * dedupeWindow * partitions;
      if (!(bytes > memory.bytes)) return;
      yield {
        values: [
          {
            what: 'dedupeWindow',
            value: `${dedupeWindow} in each of ${partitions} partitions, ${bytesText(bytes)}`,
            source,
          },
          { what: 'memory', value: bytesText(memory.bytes), source: memory.source },
        ],
        change: `Give the process more than ${bytesText(bytes)}, or make the deployment with a smaller window.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-memory-gateway',
    title: 'The commands that the gateway lets in fit into memory',
    severity: 'refuses',
    needs: ['settings', 'memory'],
    why: 'The limit that is to turn a crowd away is above what the process can hold: it ends before it refuses anybody.',
    remedy: 'Lower gateway.inflightMaxBytes to a small part of the memory.',
    settings: ['gateway.inflightMaxBytes'],
    *check({ settings, memory }) {
      const inflight = 'gateway.inflightMaxBytes';
      if (!(numberOf(settings, inflight) > memory.bytes)) return;
      yield {
        values: [
          setting(settings, inflight),
          { what: 'memory', value: bytesText(memory.bytes), source: memory.source },
        ],
        change: `Set ${inflight} to ${bytesText(Math.floor(memory.bytes / 8))} or less.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-memory-heap',
    title: 'The heap of JavaScript may not grow beyond the memory there is',
    severity: 'warns',
    needs: ['memory'],
    why: 'The operating system ends the process before its collector would begin to save memory.',
    remedy: 'Lower --max-old-space-size in NODE_OPTIONS, or give the process more memory.',
    *check({ memory: { heapMaxBytes, bytes, source } }) {
      if (!(heapMaxBytes > bytes)) return;
      yield {
        values: [
          { what: 'heap limit', value: bytesText(heapMaxBytes), source: 'Node' },
          { what: 'memory', value: bytesText(bytes), source },
        ],
        change: `Set --max-old-space-size to ${Math.floor((bytes * 0.5) / 2 ** 20)} or less.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-threads-cores',
    title: 'There are cores for all threads that were asked for',
    severity: 'warns',
    needs: ['settings', 'cores'],
    why: 'No more threads are started than there are cores: what was asked for does not happen.',
    remedy: 'Lower processor.threads, or run on a machine with more cores.',
    settings: ['processor.threads'],
    *check({ settings, cores }) {
      const threads = 'processor.threads';
      if (!isSet(settings, threads) || !(numberOf(settings, threads) > cores)) return;
      yield {
        values: [
          setting(settings, threads),
          { what: 'cores', value: `${cores}`, source: 'the machine' },
        ],
        change: `Set ${threads} to ${cores}, or leave it out.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-descriptors-log',
    title: 'The log always gets the file descriptors that it needs',
    severity: 'refuses',
    needs: ['deployment', 'openFilesMax'],
    why: 'Log segments and checkpoints cannot be opened once the process has as many files open as it may: partitions stop.',
    remedy: 'Raise the limit of open files (ulimit -n, LimitNOFILE of systemd).',
    settings: ['partitions'],
    *check({ deployment, openFilesMax }) {
      const needed = descriptorsNeeded(deployment.partitions);
      if (!(openFilesMax < needed)) return;
      yield {
        values: [
          openFiles(openFilesMax),
          { ...partitionsOf(deployment), value: `${deployment.partitions}, which need ${needed}` },
        ],
        change: `Raise the limit of open files above ${needed}, and by the connections that are wanted.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-descriptors-connections',
    title: 'The connections that were asked for have file descriptors',
    severity: 'warns',
    needs: ['settings', 'deployment', 'openFilesMax'],
    why: 'The engine takes fewer connections than was asked for, so that the log keeps its descriptors.',
    remedy:
      'Raise the limit of open files (ulimit -n, LimitNOFILE of systemd), or lower gateway.connectionsMax.',
    settings: ['gateway.connectionsMax'],
    atStart: 'a line of the log with the number that is taken',
    *check({ settings, deployment, openFilesMax }) {
      yield* tooMany(settings, 'gateway.connectionsMax', deployment.partitions, openFilesMax);
    },
  }),
  defineRule({
    id: 'preflight-descriptors-live',
    title: 'The live connections that were asked for have file descriptors',
    severity: 'warns',
    needs: ['settings', 'deployment', 'openFilesMax'],
    why: 'Live connections are refused for lack of descriptors long before their own limit is met.',
    remedy:
      'Raise the limit of open files (ulimit -n, LimitNOFILE of systemd), or lower gateway.liveConnectionsMax.',
    settings: ['gateway.liveConnectionsMax'],
    *check({ settings, deployment, openFilesMax }) {
      yield* tooMany(settings, 'gateway.liveConnectionsMax', deployment.partitions, openFilesMax);
    },
  }),
  defineRule({
    id: 'preflight-disk-segments',
    title: 'The disk has room for the next segments of the log',
    severity: 'warns',
    needs: ['settings', 'deployment', 'disk'],
    why: 'Segments are written ahead: with no room for the next one a partition takes no more commands.',
    remedy: 'Free the disk, set log.retainBytes, or lower log.segmentBytes.',
    settings: ['log.retainBytes', 'log.segmentBytes'],
    *check({ settings, deployment: { partitions }, disk }) {
      const segment = setting(settings, 'log.segmentBytes');
      const needed = segmentsInUse * partitions * numberOf(settings, 'log.segmentBytes');
      if (!(disk.freeBytes < needed)) return;
      yield {
        values: [
          free(disk),
          {
            ...segment,
            value: `${segment.value}, ${bytesText(needed)} for two in each of ${partitions} partitions`,
          },
        ],
        change: `Free ${bytesText(needed - disk.freeBytes)} or more, or lower log.segmentBytes.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-disk-retention',
    title: 'What the log may keep fits on its disk',
    severity: 'warns',
    needs: ['settings', 'deployment', 'disk'],
    why: 'The disk is full before the log lets go of anything.',
    remedy: 'Lower log.retainBytes, which counts for each partition, or use a larger disk.',
    settings: ['log.retainBytes'],
    *check({ settings, deployment: { partitions }, disk }) {
      const retain = setting(settings, 'log.retainBytes');
      const kept = numberOf(settings, 'log.retainBytes') * partitions;
      if (!isSet(settings, 'log.retainBytes') || !(kept > disk.totalBytes)) return;
      yield {
        values: [
          { ...retain, value: `${retain.value} for each of ${partitions} partitions` },
          { what: 'size of the disk', value: bytesText(disk.totalBytes), source: disk.directory },
        ],
        change: `Set log.retainBytes to ${bytesText(Math.floor(disk.totalBytes / partitions / 2))} or less.`,
      };
    },
  }),
];

function openFiles(openFilesMax: number): Compared {
  return { what: 'limit of open files', value: `${openFilesMax}`, source: 'the process' };
}

function free({
  freeBytes,
  directory,
}: {
  readonly freeBytes: number;
  readonly directory: string;
}) {
  return { what: 'free space', value: bytesText(freeBytes), source: directory };
}

function* tooMany(settings: SettingFacts, name: string, partitions: number, openFilesMax: number) {
  const wanted = numberOf(settings, name);
  const needed = descriptorsNeeded(partitions) + wanted;
  // The defaults are for large crowds; nobody asked for them.
  if (!isSet(settings, name) || !(openFilesMax < needed)) return;
  yield {
    values: [setting(settings, name), openFiles(openFilesMax)] as const,
    change: `Raise the limit of open files to ${needed}, or lower ${name}.`,
  };
}
