import type { ExportedLoad } from './exported-load.ts';

/** Rates are whole numbers to k6: by the minute they are exact enough. */
const perMinute = (perSecond: number) => Math.round(perSecond * 60);

/** A script for k6 (Grafana) that sends the same mix at the same rates. */
export function k6Script(load: ExportedLoad): string {
  const { startPerSecond, stages, peakPerSecond, timeoutSeconds, objectives } = load;
  const thresholds: Record<string, string[]> = {};
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
    // As many as answers may be on their way while they are slow; k6 opens a connection for each.
    preAllocatedVUs: Math.max(10, Math.ceil(peakPerSecond / 4)),
    maxVUs: Math.max(20, Math.ceil(peakPerSecond * Math.min(2, timeoutSeconds))),
    stages: stages.map(({ seconds, perSecond }) => ({
      ...{ duration: `${Math.round(seconds * 1_000)}ms`, target: perMinute(perSecond) },
    })),
  };
  const options = { setupTimeout: '10m', scenarios: { load: scenario }, thresholds };
  const shown = (value: unknown) => JSON.stringify(value, undefined, 2);
  return `// ${oneLine(load.name)}: made by "hunt load --export k6" from the scenario and the server's API.
// Run it with: k6 run -e BASE_URL=${load.baseUrl} THIS-FILE
import http from 'k6/http';
import { check } from 'k6';
import { Rate } from 'k6/metrics';

const baseUrl = __ENV.BASE_URL || ${JSON.stringify(load.baseUrl)};
const run = Date.now().toString(36);
const undecided = new Rate('undecided');
const requests = ${shown(load.requests)};
const timeout = '${timeoutSeconds}s';
const json = { 'Content-Type': 'application/json' };

export const options = ${shown(options)};

function join(name, tags) {
  const team = ${load.isSolo ? '{}' : '{ team: { name } }'};
  const body = JSON.stringify(Object.assign({ name: 'Player' }, team));
  return http.request('${load.join.method}', baseUrl + '${load.join.path}', body, { headers: json, timeout, tags });
}

/** Players join first, as fast as the server lets them; it says so with 429. */
export function setup() {
  const tokens = [];
  while (tokens.length < ${load.players}) {
    const answer = join(run + ' ' + tokens.length, {});
    if (answer.status === 201) tokens.push(answer.json('token'));
    else if (answer.status !== 429) throw new Error('nobody can join: ' + answer.status + ' ' + answer.body);
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
  const tags = { load: 'yes', action: request.action };
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
  // A refusal by a rule of the hunt is a decision: it names its command.
  const isDecided = answer.status !== 202 && (answer.status < 300 || String(answer.body).includes('"commandId"'));
  undecided.add(!isDecided, tags);
  check(answer, { decided: () => isDecided }, tags);
}
`;
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ');
