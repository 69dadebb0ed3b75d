/** Exit codes; from 64 on after sysexits.h of BSD. Documented in docs/cli.md and `hunt --help`. */
export const exitCode = {
  ok: 0,
  foundWrong: 1,
  usage: 2,
  saturated: 3,
  warnings: 4,
  unreachable: 69,
  internal: 70,
  cannotCreate: 73,
  io: 74,
  tryLater: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const byId: Readonly<Record<string, ExitCode>> = {
  'cli-file-exists': exitCode.cannotCreate,
  'cli-file-unwritable': exitCode.cannotCreate,
  'cli-calibration-missing': exitCode.io,
  'cli-file-unreadable': exitCode.io,
  'cli-address-unavailable': exitCode.unreachable,
  'cli-server-stopped': exitCode.unreachable,
  'cli-server-silent': exitCode.unreachable,
  'cli-nothing-measured': exitCode.unreachable,
  'cli-key-missing': exitCode.usage,
  'cli-fault': exitCode.internal,
  'engine-backup-damaged': exitCode.io,
  'engine-backup-incomplete': exitCode.io,
  'engine-backup-target-used': exitCode.cannotCreate,
  'engine-restore-target-used': exitCode.cannotCreate,
  'engine-store-failed': exitCode.io,
  'engine-store-damaged': exitCode.io,
  'sdk-unreachable': exitCode.unreachable,
  'sdk-timeout': exitCode.unreachable,
  'sdk-answer-unexpected': exitCode.unreachable,
  'load-connections-refused': exitCode.unreachable,
  'load-comparison-unreadable': exitCode.io,
  'load-descriptors-too-few': exitCode.saturated,
  'load-generator-failed': exitCode.internal,
  'load-target-invalid': exitCode.usage,
  'sizing-calibration-unreadable': exitCode.io,
  'sizing-request-invalid': exitCode.usage,
  'veltrix-coordination-empty': exitCode.unreachable,
  'veltrix-coordination-not-zookeeper': exitCode.unreachable,
  'veltrix-coordination-unavailable': exitCode.unreachable,
  'veltrix-config-unreadable': exitCode.io,
  'veltrix-secret-unreadable': exitCode.io,
  'veltrix-log-missing': exitCode.io,
  'veltrix-log-io-failed': exitCode.io,
  'rules-trace-option-invalid': exitCode.usage,
};

/** The exit code for an error with an id; `retry` as the error says it. */
export function exitCodeOf(id: string, retry: string): ExitCode {
  const known = byId[id];
  if (known !== undefined) return known;
  if (/^cli-(command-unknown|flag|argument)/.test(id)) return exitCode.usage;
  return retry === 'later' || retry === 'same-id' ? exitCode.tryLater : exitCode.foundWrong;
}
