import type { rulesErrors } from '@hunt/rules';
import type { veltrixErrors } from 'veltrix';
import type { EngineErrorId } from '../errors.ts';

type RulesErrorId = keyof typeof rulesErrors.definitions;
/** The problems of hunt files and traces reach clients only inside another problem. */
type RefusalId = Exclude<RulesErrorId, `rules-file-${string}` | `rules-trace-${string}`>;
type VeltrixErrorId = keyof typeof veltrixErrors.definitions;

/** What says nothing to a client is told as `engine-internal`. */
const hidden = 0;

/** HTTP status of every error of the engine: a missing one does not compile. */
export const engineStatus: Readonly<Record<EngineErrorId, number>> = {
  'engine-overloaded': 503,
  'engine-rate-limited': 429,
  'engine-connections-full': 503,
  'engine-not-ready': 503,
  'engine-draining': 503,
  'engine-internal': 500,
  'engine-body-too-large': 413,
  'engine-body-incomplete': 400,
  'engine-json-invalid': 400,
  'engine-media-type-unsupported': 415,
  'engine-request-invalid': 400,
  'engine-request-malformed': 400,
  'engine-request-timeout': 408,
  'engine-headers-too-large': 431,
  'engine-path-unknown': 404,
  'engine-method-not-allowed': 405,
  'engine-idempotency-key-invalid': 400,
  'engine-token-missing': 401,
  'engine-token-invalid': 401,
  'engine-token-expired': 401,
  'engine-token-foreign': 403,
  'engine-key-invalid': 401,
  'engine-scope-missing': 403,
  'engine-hunt-invalid': 422,
  'engine-hunt-too-large': 422,
  'engine-hunt-needs-team': 422,
  'engine-team-name-taken': 409,
  'engine-join-key-reused': 409,
  'engine-join-code-unknown': 404,
  'engine-player-unknown': 404,
  'engine-command-unknown': 404,
  'engine-outcome-undecided': 504,
  'engine-answer-invalid': 422,
  'engine-scan-code-invalid': 422,
  'engine-time-invalid': 422,
  'engine-live-too-many': 503,
  'engine-live-too-slow': 503,
  'engine-upgrade-refused': 400,
  'engine-name-invalid': 422,
  'engine-team-unknown': 404,
  'engine-store-failed': 503,
  'engine-store-damaged': 503,
  'engine-store-version': hidden,
  'engine-secret-invalid': hidden,
  'engine-settings-unchanged': hidden,
  'engine-settings-version-unknown': hidden,
  'engine-views-full': 503,
  'engine-views-inconsistent': hidden,
  'engine-views-behind': 503,
  'engine-views-lost': hidden,
  'engine-views-rebuild-superseded': hidden,
  'engine-redis-unavailable': 503,
  'engine-redis-refused': hidden,
  'engine-redis-evicts': hidden,
  'engine-redis-foreign': hidden,
  'engine-archive-busy': 503,
  'engine-archive-stopped': 503,
  'engine-archive-unavailable': 503,
  'engine-archive-refused': hidden,
  'engine-archive-credentials': hidden,
  'engine-archive-not-cassandra': hidden,
  'engine-archive-option-invalid': hidden,
  'engine-archive-replication-mismatch': hidden,
  'engine-archive-keyspace-version': hidden,
  'engine-archive-log-mismatch': hidden,
  'engine-cluster-config-invalid': hidden,
  'engine-cluster-config-unknown': hidden,
  'engine-cluster-owner-unavailable': 503,
  'engine-log-held-back': 500,
  'engine-cluster-identity-unavailable': 503,
  'engine-identity-unavailable': 503,
  'engine-cluster-state-unread': hidden,
  'engine-migrate-plan-mismatch': hidden,
  'engine-migrate-target-used': hidden,
  'engine-migrate-target-disturbed': hidden,
  'engine-migrate-different': hidden,
  'engine-migrate-source-in-use': hidden,
  'engine-migrate-source-shortened': hidden,
  'engine-migrate-source-damaged': hidden,
  'engine-migrate-files-missing': hidden,
  'engine-cluster-node-unknown': hidden,
  'engine-cluster-partition-unknown': hidden,
  'engine-cluster-role-missing': hidden,
  'engine-cluster-node-draining': hidden,
  'engine-cluster-last-owner': hidden,
  'engine-cluster-nothing-to-do': hidden,
  'engine-cluster-leaderless': hidden,
  'engine-cluster-not-yet': hidden,
};

/** HTTP status of every refusal by a rule. */
const refusalStatus: Readonly<Record<RefusalId, number>> = {
  'rules-hunt-unknown': 404,
  'rules-hunt-not-open': 403,
  'rules-hunt-closed': 403,
  'rules-team-unknown': 404,
  'rules-step-unknown': 404,
  'rules-step-not-open': 409,
  'rules-step-already-solved': 409,
  'rules-step-cooling-down': 429,
  'rules-step-of-other-kind': 409,
  'rules-hint-unknown': 404,
  'rules-hint-already-taken': 409,
  'rules-treasure-unknown': 404,
  'rules-treasure-not-open': 409,
  'rules-treasure-limit-reached': 409,
  'rules-treasure-sold-out': 409,
  'rules-treasure-nothing-reserved': 409,
  'rules-treasure-reservation-gone': 409,
  'rules-player-already-in-team': 409,
  'rules-team-full': 409,
  'rules-hunt-not-for-teams': 409,
  'rules-hunt-version-outdated': 409,
  'rules-hunt-version-incompatible': 409,
};

/** Errors of the platform that say something to a client; all others are mistakes of ours. */
const platformStatus: Readonly<Partial<Record<VeltrixErrorId, number>>> = {
  'veltrix-command-id-reused': 422,
  'veltrix-decide-failed': 500,
  'veltrix-log-inflight-full': 503,
  'veltrix-log-closed': 503,
  'veltrix-log-io-failed': 503,
  'veltrix-log-unavailable': 503,
  'veltrix-partition-stopped': 503,
};

const statusById = new Map<string, number>([
  ...Object.entries(engineStatus),
  ...Object.entries(refusalStatus),
  ...Object.entries(platformStatus),
]);

/** Undefined for an error that says nothing to a client: it is told `engine-internal`. */
export function statusOf(errorId: string): number | undefined {
  return statusById.get(errorId) || undefined;
}
