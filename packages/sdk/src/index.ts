export type { ClientOptions } from './api-caller.ts';
export type {
  AcceptedCommand,
  BatchCommand,
  BatchResult,
  Command,
  CommandResult,
  NotTakenCommand,
  RecordedCommand,
  RefusedCommand,
} from './command.ts';
export { newIdempotencyKey } from './command.ts';
export type { SubmitOptions } from './command-sender.ts';
export { batchMaxCommands } from './command-sender.ts';
export { fetchTransport } from './fetch-transport.ts';
export type { HttpRequest, HttpResponse, HttpTransport } from './http-transport.ts';
export type { LiveEvent, LiveOptions, LiveSendOptions, LiveState } from './live-connection.ts';
export { LiveConnection } from './live-connection.ts';
export type { OrganiserClientOptions } from './organiser-client.ts';
export { createOrganiserClient, OrganiserClient } from './organiser-client.ts';
export type { PlayerClientOptions } from './player-client.ts';
export { createPlayerClient, PlayerClient } from './player-client.ts';
export type { Problem, Retry } from './problem-error.ts';
export { ProblemError } from './problem-error.ts';
export type {
  Hunt,
  HuntListing,
  HuntProblem,
  HuntStep,
  HuntTreasure,
  JoinedPlayer,
  JoinOptions,
  JoinRequest,
  Progress,
  PublishedHunt,
  ScanCode,
  Staleness,
  StandingRow,
  StandingsPage,
  StepProgress,
  TreasureProgress,
} from './resources.ts';
export type { RetryBudgetSettings } from './retry-budget.ts';
export type { RetryPolicy } from './retry-policy.ts';
