import type { ExportedLoad } from './exported-load.ts';

/** Rates are whole numbers to k6: by the minute they are exact enough. */
const perMinute = (perSecond: number) => Math.round(perSecond * 60);
/** Whatever the server says, it is asked again after that long. */
const waitMaxSeconds = 5;

/** A script for k6 (Grafana) that sends the same mix at the same rates. */
export function k6Script(load: ExportedLoad): string {
  const { startPerSecond, stages, peakPerSecond, connections, timeoutSeconds, objectives } = load;
  // An arrival for which no player was free was never sent: then nothing is said of the server.
  const thresholds: Record<string, string[]> = { dropped_iterations: ['count==0'] };
  const latencies = objectives.latencies.map(({ quantile, mostMs }) =>
    quantile === 1 ? `max<=${mostMs}` : `p(${quantile * 100})<=${mostMs}`,
  );
  if (latencies.length > 0) thresholds['http_req_duration{load:yes}'] = latencies;
  if (objectives.errors !== undefined) {
    thresholds['undecided{load:yes}'] = [`rate<=${objectives.errors}`];
  }
  const scenario = {
    executor: 'ramping-arrival-rate',
    timeUnit: '1m',
    startRate: perMinute(startPerSecond),
    // A player each, with a connection of its own, for as many answers as may be on their way; k6 makes more
    // while it runs, but drops the arrival that wanted one.
    preAllocatedVUs: connections,
    maxVUs: Math.max(connections, Math.ceil(peakPerSecond * Math.min(2, timeoutSeconds))),
    stages: stages.map(({ seconds, perSecond }) => ({
      ...{ duration: `${Math.round(seconds * 1_000)}ms`, target: perMinute(perSecond) },
    })),
  };
  const options = { setupTimeout: '10m', scenarios: { load: scenario }, thresholds };
  const shown = (value: unknown) => JSON.stringify(value, undefined, 2);
  return `// ${oneLine(load.name)}: made by "hunt load --export k6" from the scenario and the server's API.
// Run it with: k6 run -e BASE_URL=${load.baseUrl} THIS-FILE
import http from 'k6/http';
import { check, sleep } from 'k6';
import exec from 'k6/execution';
import { Rate } from 'k6/metrics';

const baseUrl = __ENV.BASE_URL || ${JSON.stringify(load.baseUrl)};
const run = Date.now().toString(36);
const undecided = new Rate('undecided');
const requests = ${shown(load.requests)};
// Milliseconds of the load that are sent and not judged.
const warmUps = ${JSON.stringify(load.warmUps)};
const timeout = '${timeoutSeconds}s';
const json = { 'Content-Type': 'application/json' };
// What k6 calls a failed request may be a refusal by a rule of the hunt: "undecided" tells them apart.
http.setResponseCallback(null);

export const options = ${shown(options)};

function join(name, tags) {
  const team = ${load.isSolo ? '{}' : '{ team: { name } }'};
  const body = JSON.stringify(Object.assign({ name: 'Player' }, team));
  return http.request('${load.join.method}', baseUrl + '${load.join.path}', body, { headers: json, timeout, tags });
}

/** Players join first, as fast as the server lets them: who has to wait is told how long. */
export function setup() {
  const tokens = [];
  for (let attempt = 0; tokens.length < ${load.players}; attempt++) {
    const answer = join(run + ' ' + attempt, {});
    if (answer.status === 201) tokens.push(answer.json('token'));
    else if (answer.status === 429 || answer.status === 503) sleep(Math.min(${waitMaxSeconds}, Number(answer.headers['Retry-After']) || 0.1));
    else throw new Error('nobody can join: ' + (answer.error || answer.status + ' ' + answer.body));
  }
  return { tokens };
}

function chosen() {
  let rest = Math.random();
  for (const request of requests) {
    rest -= request.share;
    if (rest < 0) return request;
  }
  return requests[requests.length - 1];
}

export default function (data) {
  const request = chosen();
  const at = Date.now() - exec.scenario.startTime;
  const isWarmUp = warmUps.some(([from, to]) => at >= from && at < to);
  const tags = { load: isWarmUp ? 'no' : 'yes', action: request.action };
  const unique = run + '-' + __VU + '-' + __ITER;
  let answer;
  if (request.action === 'join') answer = join(unique, tags);
  else {
    const headers = Object.assign({ 'Idempotency-Key': unique }, json);
    const token = data.tokens[Math.floor(Math.random() * data.tokens.length)];
    if (request.isPlayers) headers.Authorization = 'Bearer ' + token;
    const bodies = request.bodies;
    const body = bodies.length === 0 ? null : JSON.stringify(bodies[Math.floor(Math.random() * bodies.length)]);
    answer = http.request(request.method, baseUrl + request.path, body, { headers, timeout, tags });
  }
  // A refusal by a rule of the hunt is a decision: it names its command. Without an answer the status is 0.
  const isGood = answer.status >= 200 && answer.status < 300;
  const isDecided = answer.status !== 202 && (isGood || String(answer.body).includes('"commandId"'));
  undecided.add(!isDecided, tags);
  check(answer, { decided: () => isDecided }, tags);
}
`;
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ');
