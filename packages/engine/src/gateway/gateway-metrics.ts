import type { GatewayParts } from './gateway-parts.ts';

type MeasuredParts = Pick<
  GatewayParts,
  'admission' | 'batcher' | 'live' | 'refusals' | 'playerRates' | 'joinRates' | 'metrics' | 'state'
>;

const secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What an operator can see of the gateway. */
export function measureGateway(parts: MeasuredParts): void {
  const { admission, batcher, live, playerRates, joinRates, metrics, refusals, state } = parts;
  const { counts } = batcher;
  metrics.add(
    {
      name: 'hunt_gateway_commands_total',
      help: 'Commands by what became of them at the gateway.',
      type: 'counter',
      read: () => ({
        '{result="sent"}': counts.sent,
        '{result="decided"}': counts.decided,
        '{result="refused"}': counts.refused,
        '{result="undecided"}': counts.undecided,
        '{result="shed"}': counts.shed,
      }),
    },
    {
      name: 'hunt_gateway_records_total',
      help: 'Records of commands sent to partitions.',
      type: 'counter',
      read: () => counts.records,
    },
    {
      name: 'hunt_gateway_inflight_commands',
      help: 'Commands that wait for their decision.',
      type: 'gauge',
      read: () => batcher.inflightCommands,
    },
    {
      name: 'hunt_gateway_admission_limit',
      help: 'Single commands that may wait for their decision; infinite without overload.',
      type: 'gauge',
      read: () => admission.limit,
    },
    {
      name: 'hunt_gateway_refusals_waiting',
      help: 'Commands that were turned away and wait to be told so.',
      type: 'gauge',
      read: () => refusals.waiting,
    },
    {
      name: 'hunt_gateway_pending_commands',
      help: 'Commands that wait for the answer of another partition.',
      type: 'gauge',
      read: () => batcher.pendingCommands,
    },
    {
      name: 'hunt_gateway_rate_limited_total',
      help: 'Requests above the rate of a player or an address.',
      type: 'counter',
      read: () => ({ '{of="player"}': playerRates.limited, '{of="join"}': joinRates.limited }),
    },
    {
      name: 'hunt_gateway_live_connections',
      help: 'Open live connections.',
      type: 'gauge',
      read: () => live.connections,
    },
    {
      name: 'hunt_gateway_live_events_total',
      help: 'Events pushed to live connections, and connections closed as too slow.',
      type: 'counter',
      read: () => ({
        '{result="sent"}': live.counts.events,
        '{result="dropped"}': live.counts.dropped,
      }),
    },
    {
      name: 'hunt_gateway_impairments',
      help: 'Partitions and roles that have stopped for good; /healthz names them.',
      type: 'gauge',
      read: () => state.impairments.length,
    },
    {
      name: 'hunt_gateway_ready',
      help: 'Whether requests are taken.',
      type: 'gauge',
      read: () => (state.phase === 'ready' ? 1 : 0),
    },
  );
  const decisionSeconds = metrics.histogram(
    'hunt_gateway_decision_seconds',
    'From sending a command to its durable decision.',
    secondsBounds,
  );
  batcher.onBatchDecided = (milliseconds, commands) =>
    decisionSeconds.observe(milliseconds / 1_000, commands);
}
