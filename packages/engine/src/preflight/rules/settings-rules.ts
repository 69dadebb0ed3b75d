import { bytesText, isSet, numberOf, partitionsOf, setting } from '../amount.ts';
import type { DeploymentFacts } from '../facts.ts';
import { type Figure, figureRule, settingFigure, settingsRule } from '../figure.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Ids that a partition can remember at most: rows are found by 32-bit entries. */
const dedupeWindowMax = 2 ** 24;
const idsMost: Figure = {
  ...{ what: 'ids of a partition', value: `at most ${dedupeWindowMax}`, source: 'the engine' },
  amount: dedupeWindowMax,
};

/** What settings have to be to each other, whatever the machine. */
export const settingsRules: readonly Rule[] = [
  settingsRule({
    id: 'preflight-admission-wait',
    title: 'The wait that admission aims at is shorter than the wait of a request',
    why: 'Requests that are let in are answered 202 before admission thinks that anybody waits too long.',
    remedy: 'Lower gateway.admissionTargetMs, or raise gateway.waitMaxMs.',
    settings: ['gateway.admissionTargetMs', 'gateway.waitMaxMs'],
    must: 'below',
  }),
  settingsRule({
    id: 'preflight-refusal-wait',
    title: 'Who is refused hears of it no later than who is let in',
    why: 'Refused requests hold their connections for longer than accepted ones: an overload fills the server with those it turned away.',
    remedy: 'Lower gateway.refusalWaitMaxMs to gateway.waitMaxMs at most.',
    settings: ['gateway.refusalWaitMaxMs', 'gateway.waitMaxMs'],
    must: 'at most',
  }),
  settingsRule({
    id: 'preflight-recent-outcomes',
    title: 'Outcomes are remembered for all commands that may wait at once',
    why: 'After a burst the outcomes of its first commands are forgotten before who sent them could ask, until the archive has them.',
    remedy: 'Raise gateway.recentOutcomes to gateway.inflightMaxCommands at least.',
    settings: ['gateway.recentOutcomes', 'gateway.inflightMaxCommands'],
    must: 'at least',
  }),
  settingsRule({
    id: 'preflight-rate-buckets',
    title: 'Rates are remembered for everybody who may be connected',
    why: 'The rate of a player is forgotten while the player is still there, and who sends too much begins anew.',
    remedy: 'Raise gateway.rateBucketsMax to gateway.connectionsMax at least.',
    settings: ['gateway.rateBucketsMax', 'gateway.connectionsMax'],
    must: 'at least',
  }),
  figureRule({
    id: 'preflight-gateway-log-bytes',
    title: 'The gateway lets in no more bytes than the log takes',
    severity: 'warns',
    needs: ['settings', 'deployment'],
    why: 'Commands are let in by the gateway and then refused by the log, so the refusal comes late and admission cannot steer.',
    remedy: 'Lower gateway.inflightMaxBytes, or raise log.inflightMaxBytes.',
    settings: ['gateway.inflightMaxBytes', 'log.inflightMaxBytes'],
    must: 'at most',
    pairs({ settings, deployment: { partitions } }) {
      const { value, amount, ...log } = settingFigure(settings, 'log.inflightMaxBytes');
      const all = {
        value: `${value} for each of ${partitions} partitions`,
        amount: amount * partitions,
      };
      return [[settingFigure(settings, 'gateway.inflightMaxBytes'), { ...log, ...all }]];
    },
    change: ({ what }, { amount }) => `Set ${what} to ${bytesText(amount)} at most.`,
  }),
  settingsRule({
    id: 'preflight-views-record',
    title: 'The updates of one record of the log fit into the queue of the views',
    needs: ['cluster'],
    why: 'A single large record fills the queue: the views stop reading until Redis has taken all of it, and standings lag in jumps.',
    remedy: 'Raise views.updatesMaxBytes to log.recordMaxBytes at least.',
    settings: ['views.updatesMaxBytes', 'log.recordMaxBytes'],
    must: 'at least',
  }),
  defineRule({
    id: 'preflight-retain-segment',
    title: 'The log is told to keep at least a segment',
    severity: 'warns',
    needs: ['settings', 'deployment'],
    why: 'The log of one process is let go of a segment at a time, so it stays larger than what was asked for.',
    remedy: 'Raise log.retainBytes, or lower log.segmentBytes.',
    settings: ['log.retainBytes', 'log.segmentBytes'],
    *check({ settings, deployment: { kind } }) {
      const [retain, segment] = ['log.retainBytes', 'log.segmentBytes'] as const;
      const kept = numberOf(settings, retain);
      // Nothing is a wish that can be understood; a little is one that cannot be kept.
      if (kind !== 'embedded' || kept === 0 || !(kept < numberOf(settings, segment))) return;
      yield {
        values: [setting(settings, retain), setting(settings, segment)],
        change: `Set ${retain} to ${setting(settings, segment).value} at least.`,
      };
    },
  }),
  figureRule({
    id: 'preflight-dedupe-window',
    title: 'A partition can remember as many command ids as it is asked to',
    severity: 'refuses',
    needs: ['deployment'],
    why: 'A partition finds ids among at most 16,777,216 rows; with a larger window none of its folds can begin.',
    remedy: 'Lower dedupeWindow before the deployment is made: it is pinned afterwards.',
    settings: ['dedupeWindow'],
    must: 'at most',
    pairs: ({ deployment }) => [[dedupeWindow(deployment), idsMost]],
    change: ({ what }, { amount }) => `Set ${what} to ${amount} at most.`,
  }),
  figureRule({
    id: 'preflight-dedupe-inflight',
    title: 'A partition remembers more command ids than may wait at once',
    severity: 'warns',
    needs: ['settings', 'deployment'],
    why: 'When a crowd is at one partition, an id may be forgotten while its command can still be sent again, and it would be decided twice.',
    remedy:
      'Lower gateway.inflightMaxCommands; dedupeWindow is pinned when the deployment is made.',
    settings: ['gateway.inflightMaxCommands', 'dedupeWindow'],
    must: 'at least',
    pairs: ({ settings, deployment }) => [
      [dedupeWindow(deployment), settingFigure(settings, 'gateway.inflightMaxCommands')],
    ],
    change: ({ amount }, { what }) => `Set ${what} to ${amount} at most.`,
  }),
  defineRule({
    id: 'preflight-threads-partitions',
    title: 'There are partitions for all threads that were asked for',
    severity: 'warns',
    needs: ['settings', 'deployment'],
    why: 'A partition is on one thread: the others are never started, and the cores they were meant for stay idle.',
    remedy:
      'Lower processor.threads, or make the next deployment with more partitions: they are pinned when it is made.',
    settings: ['processor.threads', 'partitions'],
    *check({ settings, deployment }) {
      const threads = 'processor.threads';
      if (!isSet(settings, threads) || !(numberOf(settings, threads) > deployment.partitions)) {
        return;
      }
      yield {
        values: [setting(settings, threads), partitionsOf(deployment)],
        change: `Set ${threads} to ${deployment.partitions}, or leave it out.`,
      };
    },
  }),
];

function dedupeWindow({ dedupeWindow: amount, source }: DeploymentFacts): Figure {
  return { what: 'dedupeWindow', value: `${amount}`, source, amount };
}
