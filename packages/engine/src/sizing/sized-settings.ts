import type { Calibration } from './calibration.ts';
import { planningFigures as figures } from './planning-figures.ts';
import { microseconds, type Reason, shown } from './reasoning.ts';
import type { SizeRequest } from './size-request.ts';

/** By name; what `hunt config check` takes. */
export type SizedSettings = Readonly<Record<string, number>>;

const usual = {
  connectionsMax: 50_000,
  liveConnectionsMax: 20_000,
  rateBucketsMax: 200_000,
  maxTeams: 4_000_000,
  liveIntervalMs: 250,
  inflightMaxCommands: 20_000,
};
const room = 1.25;
const liveIntervalMostMs = 60_000;
const limitMost = 1_000_000;
const rowsMost = 10_000_000;
const teamsMost = 100_000_000;

/** What the load asks of the settings of each of so many gateways, and why. */
export function sizedSettings(
  { live: liveCost, usable }: Calibration,
  { players, teamSize, live, peak, headroom }: SizeRequest,
  gateways: number,
) {
  const liveEach = live / gateways;
  const asking = Math.min(players, peak * figures.keepAliveSeconds.value) / gateways;
  const connections = liveEach + asking;
  const connectionsMax = atLeast(usual.connectionsMax, connections * room, limitMost);
  const liveConnectionsMax = Math.min(
    connectionsMax,
    atLeast(usual.liveConnectionsMax, liveEach * room, limitMost),
  );
  const rateBucketsMax = atLeast(usual.rateBucketsMax, (players / gateways) * room, rowsMost);
  const maxTeams = atLeast(usual.maxTeams, (players / teamSize) * room, teamsMost);
  const eventSeconds = liveCost.main.median * 1e-6;
  const pushMost = usable.share * (1 - headroom) * figures.pushShare.value;
  const neededMs = ((liveEach * eventSeconds) / pushMost) * 1_000;
  const liveIntervalMs = Math.min(
    liveIntervalMostMs,
    Math.max(usual.liveIntervalMs, Math.ceil(neededMs / 50) * 50),
  );
  const inflightMaxCommands = atLeast(usual.inflightMaxCommands, peak / gateways, rowsMost);
  const settings: SizedSettings = {
    'gateway.connectionsMax': connectionsMax,
    'gateway.liveConnectionsMax': liveConnectionsMax,
    'gateway.liveIntervalMs': liveIntervalMs,
    'gateway.rateBucketsMax': rateBucketsMax,
    'gateway.inflightMaxCommands': inflightMaxCommands,
    'views.maxTeams': maxTeams,
  };
  const reasons: Reason[] = [
    {
      what: 'gateway.connectionsMax',
      sum: `(${shown(live)} live + the fewer of ${shown(players)} players and ${shown(peak)}/s × ${figures.keepAliveSeconds.value} s) ÷ ${gateways} × ${room} = ${shown(connections * room)}, so ${connectionsMax}`,
      source: "Little's law; gateway.keepAliveMs; the default unless more are needed",
    },
    {
      what: 'gateway.liveIntervalMs',
      sum: `${shown(liveEach)} listeners × ${microseconds(eventSeconds)} ÷ ${shown(pushMost)} = ${shown(neededMs)} ms, so ${liveIntervalMs}`,
      source: `calibration; pushes may take ${figures.pushShare.value} of what can be used, ${figures.pushShare.source}`,
    },
    {
      what: 'gateway.rateBucketsMax',
      sum: `${shown(players)} players ÷ ${gateways} × ${room}, so ${rateBucketsMax}`,
      source: 'every player who is active is remembered',
    },
    {
      what: 'views.maxTeams',
      sum: `${shown(players)} players ÷ ${shown(teamSize)} a team × ${room}, so ${maxTeams}`,
      source: 'the default unless more are needed',
    },
  ];
  return { settings, reasons, liveIntervalMs, connections };
}

function atLeast(least: number, needed: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(needed)));
}

/** As a file that `--config` takes. `because` follows the first comment. */
export function settingsYaml(settings: Readonly<Record<string, number>>, because: string): string {
  const scopes = new Map<string, string[]>();
  for (const [name, value] of Object.entries(settings)) {
    const [scope, key] = name.split('.') as [string, string];
    scopes.set(scope, [...(scopes.get(scope) ?? []), `  ${key}: ${value}`]);
  }
  const lines = [...scopes].flatMap(([scope, values]) => [`${scope}:`, ...values]);
  return `${[`# ${because}`, ...lines].join('\n')}\n`;
}
