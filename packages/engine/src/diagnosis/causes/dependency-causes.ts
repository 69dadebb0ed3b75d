import { duration } from '../amounts.ts';
import { type Cause, type Effect, givingWay } from '../cause.ts';

/** What this is about, besides what the breaker says. */
interface Lost {
  readonly id: string;
  readonly title: string;
  readonly dependency: string;
  readonly effect: Effect;
  readonly means: string;
  readonly helps: string;
  readonly explains?: readonly string[];
  readonly page?: string;
}

/** What processes depend on and go on without. */
export const dependencyCauses: readonly Cause[] = [
  lost({
    ...{ id: 'partition-stopped', dependency: 'processors', effect: 'stops' },
    title: 'A partition has stopped',
    means: 'its commands are not decided',
    helps:
      'Read /healthz and the last lines of the log, mend what they name, start the process again.',
    explains: [
      'overload',
      'refusals-while-idle',
      'starved-consumer',
      'small-buffer',
      'slow-disk',
      ...givingWay,
    ],
    page: 'docs/runbooks/impaired.md',
  }),
  lost({
    ...{ id: 'kafka-down', dependency: 'log', effect: 'stops' },
    title: 'Kafka does not answer',
    means: 'commands are refused',
    helps: 'See whether the brokers run and can be reached from there. It goes on by itself.',
    explains: ['overload', 'refusals-while-idle', 'starved-consumer', 'small-buffer', ...givingWay],
  }),
  lost({
    ...{ id: 'redis-down', dependency: 'views', effect: 'ages' },
    title: 'Redis does not answer',
    means: 'standings are old, and say since when',
    helps:
      'See whether Redis runs and can be reached from there; where it answers, whether a node with the role views runs. Standings are made right by themselves.',
    explains: ['starved-consumer', 'reads-full', 'deadlines-pass', 'slow-redis'],
  }),
  lost({
    ...{ id: 'archive-down', dependency: 'archive', effect: 'ages' },
    title: 'The archive does not answer',
    means: 'the archive lags, and the log is kept for it',
    helps:
      'See whether Cassandra runs and can be reached from there; of one process, what its log says of the archive. It catches up by itself.',
    explains: ['starved-consumer', 'reads-full', 'deadlines-pass'],
  }),
  lost({
    ...{ id: 'zookeeper-down', dependency: 'coordination', effect: 'threatens' },
    title: 'ZooKeeper does not answer',
    means: 'owners go on, and nothing moves when one of them fails',
    helps: 'See whether ZooKeeper runs and can be reached from there.',
  }),
];

function lost({ id, title, dependency, effect, means, helps, ...more }: Lost): Cause {
  const { explains = [], page = 'docs/runbooks/dependency-down.md' } = more;
  return {
    ...{ id, title, helps, effect, explains, page },
    looksLike: `The breaker of \`${dependency}\` is open in some process: ${means}.`,
    needs: ['hunt_dependency_up_state'],
    *judge({ processes }) {
      const without = processes.filter(
        (one) => one.most('hunt_dependency_up_state', { dependency }) === 0,
      );
      const [first, ...others] = without;
      if (first === undefined) return;
      const seconds = without.map(
        (one) => one.most('hunt_dependency_down_seconds', { dependency }) ?? 0,
      );
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      yield {
        confidence: 1,
        ...(others.length === 0 && { process: first }),
        where: `${first.name}${more}`,
        evidence: [
          {
            metric: 'hunt_dependency_up_state',
            says: `${dependency} has been left alone for ${duration(Math.max(...seconds))}: ${means}`,
          },
          ...(dependency === 'views'
            ? [
                {
                  metric: 'hunt_views_stale_seconds' as const,
                  says: `standings are up to ${duration(Math.max(...without.map((one) => one.most('hunt_views_stale_seconds') ?? 0)))} old`,
                },
              ]
            : []),
        ],
        helps,
        settings: [],
      };
    },
  };
}
