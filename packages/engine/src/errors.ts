import { errorRegistry } from 'veltrix';

type RetiredId = 'engine-setting-unknown' | 'engine-setting-invalid';
/** Of those that are still raised. */
export type EngineErrorId = Exclude<keyof typeof engineErrors.definitions, RetiredId>;

/** Every error of the engine's roles. HTTP statuses are in `gateway/status-table.ts`. */
export const engineErrors = errorRegistry({
  'engine-overloaded': {
    retry: 'later',
    message: '{inflight} commands already wait for a decision; the limit is {limit}',
    cause: 'Commands arrive faster than they are decided, so the newest are turned away at once.',
    remedy:
      'Try again as Retry-After says, with the same Idempotency-Key. An operator may add cores; raise gateway.admissionTargetMs, so that more are let in and all wait longer; or raise gateway.inflightMaxCommands or gateway.inflightMaxBytes.',
    settings: [
      'gateway.admissionTargetMs',
      'gateway.inflightMaxCommands',
      'gateway.inflightMaxBytes',
    ],
  },
  'engine-partition-overloaded': {
    retry: 'later',
    message:
      '{inflight} commands of partition {partition} already wait for a decision; its limit is {limit}',
    cause:
      'One partition stands still, or more comes for it than it decides: its owner is frozen or moves, its log is slow, or one team or prize has most of the crowd. Commands of the other partitions are let in.',
    remedy:
      'Try again as Retry-After says, with the same Idempotency-Key. An operator looks which node owns the partition (hunt cluster status) and what hunt doctor says of it. A higher gateway.inflightMaxCommands or gateway.inflightMaxBytes only lets more wait for it.',
    settings: [
      'gateway.admissionTargetMs',
      'gateway.inflightMaxCommands',
      'gateway.inflightMaxBytes',
    ],
  },
  'engine-deadline-passed': {
    retry: 'same-id',
    message: 'Whoever asked waits no longer, so it was not done',
    cause:
      'The request had not been begun when the time was over that its hunt-timeout-ms states, or gateway.deadlineMaxMs: its body came slowly, something that it needs answers slowly, or the log or a processor stands still or is behind, and it was taken back.',
    remedy:
      'Send it again with the same Idempotency-Key, and with more time. An operator may look which dependency is slow, the log first, and raise gateway.deadlineMaxMs where clients wait longer.',
    settings: ['gateway.deadlineMaxMs'],
  },
  'engine-browned-out': {
    retry: 'later',
    message: 'Reads are left out for now, so that commands go on (brown-out level {level} of 3)',
    cause:
      'The gateway has been under pressure for seconds: commands are turned away or wait long, or its event loop is late.',
    remedy:
      'Try again as Retry-After says; commands, and standings on live connections, go on. An operator may add gateways or cores, or lower gateway.brownoutMost.',
    settings: ['gateway.brownoutMost'],
  },
  'engine-reads-full': {
    retry: 'later',
    message: '{inflight} reads are being answered; the limit is {limit}',
    cause: 'Reads come faster than what they ask answers: Redis, or the nodes that own partitions.',
    remedy:
      'Try again as Retry-After says. An operator may look which dependency is slow, or raise gateway.readsMax.',
    settings: ['gateway.readsMax'],
  },
  'engine-dependency-busy': {
    retry: 'later',
    message: '{inflight} calls to {dependency} are under way; its limit is {limit} now',
    cause:
      'It answers more slowly than it is asked. Its limit follows how long it takes, so that it holds up nothing else.',
    remedy:
      'Try again as Retry-After says. An operator may look why it is slow, or raise peers.inflightMax or views.readsMax.',
    settings: ['peers.inflightMax', 'views.readsMax'],
  },
  'engine-client-certificate': {
    retry: 'never',
    message: 'Only who shows a certificate that is trusted here is answered: {reason}',
    cause:
      'The gateway wants certificates of its clients. None was shown, it has ended, or another CA has signed it.',
    remedy:
      'Show a certificate that the CA in gateway.tls.clientCa has signed. An operator may add a CA to that file, or take the setting back so that everybody is answered.',
    settings: ['gateway.tls.clientCa'],
  },
  'engine-certificate-invalid': {
    retry: 'never',
    message: '{setting} cannot be used: it {reason}',
    cause:
      'The file is not there or no PEM, its certificate has ended, or certificate and key do not belong together.',
    remedy:
      'Mend the file, or the setting that names it, and start again; docs/security.md has an example. Nothing was started.',
    settings: ['gateway.tls.cert', 'gateway.tls.key', 'gateway.tls.clientCa'],
  },
  'engine-certificate-not-renewed': {
    retry: 'later',
    message: 'The new certificates of {owner} are not taken, those from before stay: {reason}',
    cause:
      'The files of certificates were changed while the process runs, and what they have now is of no use.',
    remedy:
      'Put right files in their place: they are taken within seconds. Until then connections are encrypted with the certificate from before, which ends some day.',
  },
  'engine-rate-limited': {
    retry: 'later',
    message: 'Too many requests: {rate} per second and {burst} at once are allowed',
    cause: 'One player or one address sent more than its share.',
    remedy:
      'Wait as Retry-After says. An operator may raise gateway.playerRatePerSecond, gateway.playerBurst, gateway.joinRatePerSecond or gateway.joinBurst.',
    settings: [
      'gateway.playerRatePerSecond',
      'gateway.playerBurst',
      'gateway.joinRatePerSecond',
      'gateway.joinBurst',
    ],
  },
  'engine-connections-full': {
    retry: 'later',
    message: 'All {limit} connections are taken',
    cause:
      'More clients are connected than gateway.connectionsMax, or than the file descriptors of the process allow.',
    remedy:
      'Try again as Retry-After says. An operator may raise gateway.connectionsMax and the limit of open files (ulimit -n).',
    settings: ['gateway.connectionsMax'],
  },
  'engine-not-ready': {
    retry: 'later',
    message: 'The engine is starting and cannot serve yet',
    cause: 'The partitions are being recovered from the log.',
    remedy: 'Try again in a moment; /readyz says when.',
  },
  'engine-draining': {
    retry: 'later',
    message: 'The engine is stopping and takes nothing new',
    cause: 'An operator is stopping or restarting this process.',
    remedy: 'Try again in a moment with the same Idempotency-Key.',
  },
  'engine-internal': {
    retry: 'same-id',
    message: 'Something went wrong inside the engine',
    cause: 'A mistake of ours, or of the machine. The log of the engine has the details.',
    remedy: 'Try again with the same Idempotency-Key; report it when it stays.',
  },
  'engine-body-too-large': {
    retry: 'never',
    message: 'The body is larger than the limit of {limit} bytes',
    cause: 'A single command may have 16 KiB, any other body 1 MiB.',
    remedy: 'Send less, or split it into several requests.',
  },
  'engine-body-incomplete': {
    retry: 'same-id',
    message: 'The body is not as long as Content-Length said',
    cause: 'The connection broke while the body was sent, or the header is wrong.',
    remedy: 'Send the request again.',
  },
  'engine-json-invalid': {
    retry: 'never',
    message: 'The body is not the JSON it should be',
    cause: 'The body is empty, cut short, not JSON, or has a key that could poison an object.',
    remedy: 'Send valid JSON.',
  },
  'engine-media-type-unsupported': {
    retry: 'never',
    message: 'A body of this Content-Type is not understood here',
    cause: 'Bodies are application/json; a hunt may also be application/yaml or text/plain.',
    remedy: 'Set the Content-Type header to what the body is.',
  },
  'engine-request-invalid': {
    retry: 'never',
    message: '{where} {reason}',
    cause: 'A value has the wrong type or form, is missing, or is not known here.',
    remedy: 'Compare the request with /openapi.json.',
  },
  'engine-request-malformed': {
    retry: 'never',
    message: 'This is not an HTTP request that can be understood',
    cause: 'The request breaks the syntax of HTTP, or its address has an invalid escape.',
    remedy: 'Use an HTTP/1.1 client.',
  },
  'engine-request-timeout': {
    retry: 'same-id',
    message: 'The request was not complete after {seconds} s',
    cause: 'Headers or body came too slowly.',
    remedy:
      'Send the request again, on a better connection. An operator may raise gateway.requestTimeoutMs.',
    settings: ['gateway.requestTimeoutMs'],
  },
  'engine-headers-too-large': {
    retry: 'never',
    message: 'The headers are larger than 16 KiB',
    cause: 'Cookies or other headers that do not belong here were sent along.',
    remedy: 'Send only the headers that the API names.',
  },
  'engine-path-unknown': {
    retry: 'never',
    message: 'There is nothing at this address',
    cause: 'The path is misspelled or belongs to another release.',
    remedy: 'Look for it in /openapi.json.',
  },
  'engine-method-not-allowed': {
    retry: 'never',
    message: 'This address does not take the method {method}',
    cause: 'The path exists, but not with this method.',
    remedy: 'Use a method that the Allow header names.',
  },
  'engine-idempotency-key-invalid': {
    retry: 'never',
    message: 'The idempotency key must be 1 to 128 visible ASCII characters',
    cause: 'The key is empty, too long, or has spaces or other characters.',
    remedy: 'Use a UUID.',
  },
  'engine-token-missing': {
    retry: 'never',
    message: 'This needs an Authorization header with a bearer token',
    cause: 'The header is missing or not of the form "Bearer …".',
    remedy: 'Join the hunt and send the token, or send an organiser key.',
  },
  'engine-token-invalid': {
    retry: 'never',
    message: 'The player token is not one of this engine',
    cause: 'It was changed, cut short, or signed by another deployment.',
    remedy: 'Join the hunt again.',
  },
  'engine-token-expired': {
    retry: 'never',
    message: 'The player token has expired',
    cause: 'Tokens end some time after their hunt.',
    remedy: 'Join the hunt again.',
  },
  'engine-token-foreign': {
    retry: 'never',
    message: 'The player token belongs to another hunt',
    cause: 'A player joins each hunt separately.',
    remedy: 'Join this hunt, or use the address of the other one.',
  },
  'engine-key-invalid': {
    retry: 'never',
    message: 'The organiser key is not known',
    cause: 'It was mistyped, withdrawn, or made for another deployment.',
    remedy: 'Use a key that this deployment made.',
  },
  'engine-scope-missing': {
    retry: 'never',
    message: 'This needs an organiser key with the scope {scope}',
    cause: 'Keys may do only what they were made for.',
    remedy: 'Use a key with this scope.',
  },
  'engine-hunt-invalid': {
    retry: 'never',
    message: 'The hunt has {count} problems',
    cause: 'The hunt file does not compile; "problems" lists where and why.',
    remedy: 'Correct the file; check it with hunt check.',
  },
  'engine-hunt-too-large': {
    retry: 'never',
    message: 'The published hunt has {bytes} bytes; the limit is {limit}',
    cause: 'A hunt must fit into one record of the log.',
    remedy: 'Shorten texts, or split the hunt.',
  },
  'engine-hunt-needs-team': {
    retry: 'never',
    message: 'This hunt is played in teams; say which',
    cause: 'The join names neither a new team nor a join code.',
    remedy: 'Send team with a name, or with the join code that a member of the team has.',
  },
  'engine-team-name-taken': {
    retry: 'never',
    message: 'A team of this hunt has this name already',
    cause: 'Names of teams are unique within a hunt; case and width do not count.',
    remedy: 'Choose another name, or join that team with its join code.',
  },
  'engine-join-key-reused': {
    retry: 'never',
    message: 'This Idempotency-Key was used before to join this hunt with another name or team',
    cause: 'A repeated join must say what the first one said; it goes on where that one stopped.',
    remedy: 'Repeat the join as it was, or join with a new key, drawn at random.',
  },
  'engine-join-code-unknown': {
    retry: 'never',
    message: 'No team of this hunt has this join code',
    cause: 'The code is mistyped or belongs to another hunt.',
    remedy: 'Ask a member of the team for the code.',
  },
  'engine-player-unknown': {
    retry: 'never',
    message: 'The hunt has no such player',
    cause: 'The player was erased already, or the id is wrong.',
    remedy: 'Nothing is left to do if the player was to be erased.',
  },
  'engine-command-unknown': {
    retry: 'later',
    message: 'No command with this id is known',
    cause:
      'It was never sent, was taken back when nobody waited for it any more, or Kafka has not answered for it, so that nobody knows; or it was decided so long ago that only the archive has it.',
    remedy: 'Send the command again with the same Idempotency-Key: it is decided once.',
  },
  'engine-outcome-undecided': {
    retry: 'same-id',
    message: 'The command was handed over, but is not decided yet',
    cause: 'The decision took longer than a request may wait.',
    remedy:
      'Ask for the outcome by the command id, or send the command again with the same id. An operator may raise gateway.waitMaxMs.',
    settings: ['gateway.waitMaxMs'],
  },
  'engine-answer-invalid': {
    retry: 'never',
    message: 'An answer is 1 to 1,024 characters of text, and this is not',
    cause: 'It is empty, longer than 1,024 characters, or has characters that are not text.',
    remedy: 'Send what a person would type.',
  },
  'engine-scan-code-invalid': {
    retry: 'never',
    message: 'This is not the scan code of a step of this hunt',
    cause: 'The code was cut short, or is on a poster of another hunt or step.',
    remedy: 'Scan the poster again.',
  },
  'engine-time-invalid': {
    retry: 'never',
    message: '"at" must be an RFC 3339 time or milliseconds since 1970',
    cause: 'The time has another form, no offset, or does not exist.',
    remedy: 'Write it like 2026-11-21T10:00:00Z.',
  },
  'engine-live-too-many': {
    retry: 'later',
    message: '{limit} live connections are open already',
    cause: 'Every open connection costs memory, so their number is limited.',
    remedy: 'Ask for the standings instead, or raise gateway.liveConnectionsMax.',
    settings: ['gateway.liveConnectionsMax'],
  },
  'engine-live-too-slow': {
    retry: 'later',
    message: '{bytes} bytes wait to be read on this live connection; the limit is {limit}',
    cause:
      'The client or its network reads more slowly than the hunt moves. Who has a quarter of gateway.liveBacklogMaxBytes to read is not sent standings, and is closed after 15 seconds of it.',
    remedy:
      'Connect again with the last cursor. An operator may raise gateway.liveBacklogMaxBytes.',
    settings: ['gateway.liveBacklogMaxBytes'],
  },
  'engine-upgrade-refused': {
    retry: 'never',
    message: 'Only a live address can be upgraded to a WebSocket',
    cause: 'The upgrade was asked for at another address, or is malformed.',
    remedy: 'Connect to /v1/hunts/{hunt}/live.',
  },
  'engine-name-invalid': {
    retry: 'never',
    message: 'This name cannot be used: {reason}',
    cause:
      'A name has 1 to 64 characters, at least one of them visible, and no control characters or broken surrogate pairs.',
    remedy: 'Choose another name.',
  },
  'engine-team-unknown': {
    retry: 'never',
    message: 'There is no team {team} in this hunt',
    cause: 'The team never was, or its last player was erased.',
    remedy: 'Make a team, or ask for a fresh join code.',
  },
  'engine-store-version': {
    retry: 'never',
    message: '{file} is of format {found}, but this release reads format {expected}',
    cause: 'The file was written by another release, or it is no file of this engine.',
    remedy: 'Start the release that wrote it, or give this one another --data directory.',
  },
  'engine-store-failed': {
    retry: 'later',
    message: '{file} cannot be read or written: {reason}',
    cause:
      'The disk is full or failing, or this process may not write the file. What was promised before is durable; what waited was refused.',
    remedy: 'Free space or mend the permissions and try again.',
  },
  'engine-store-damaged': {
    retry: 'never',
    message: '{file} is damaged: {reason}',
    cause: 'The disk changed what was written, or something else wrote into the file.',
    remedy: 'Stop the engine and restore the file from a backup.',
  },
  'engine-secret-invalid': {
    retry: 'never',
    message: 'The secret in {file} has {bytes} bytes instead of {expected}',
    cause: 'The file was cut short or edited. Every player token and hidden answer depends on it.',
    remedy:
      'Restore it from a backup. Without one, remove it: players must join again and hunts must be published again.',
  },
  'engine-views-full': {
    retry: 'later',
    message: 'The standings already hold {limit} {what}',
    cause: 'More teams or hunts than the deployment was made for.',
    remedy: 'Raise views.maxTeams or views.maxHunts and start again.',
    settings: ['views.maxTeams', 'views.maxHunts'],
  },
  'engine-views-inconsistent': {
    retry: 'never',
    message:
      'The event record {offset} of partition {partition} is about a team that was never registered',
    cause:
      'What the standings have of the partition does not go with the log: Redis lost a part of it unnoticed, something else wrote there, or the program is wrong.',
    remedy:
      'None at first: the standings are stale, and are made anew from the log, or by the processors. Where /healthz names it, that did not help: start the process again, and report it.',
  },
  'engine-views-behind': {
    retry: 'later',
    message: '{bytes} bytes of updates wait for the views; twice the limit of {limit} is full',
    cause: 'The views cannot be reached or are slow, and whoever gives them records did not wait.',
    remedy: 'Restore the views; they catch up from the log. Or raise views.updatesMaxBytes.',
    settings: ['views.updatesMaxBytes'],
  },
  'engine-views-lost': {
    retry: 'never',
    message:
      'The views lost records of partition {partition} from offset {offset} on, and nobody gives them again',
    cause: 'Redis was emptied or lost writes, and these views are not fed from a log.',
    remedy: 'Start again: the views are then made anew from the log.',
  },
  'engine-views-rebuild-superseded': {
    retry: 'later',
    message: 'Generation {generation} of the views is not the one that is being built',
    cause: 'Another rebuild was begun meanwhile, or this one was put into service before.',
    remedy: 'Let the other one end, or begin again.',
  },
  'engine-redis-unavailable': {
    retry: 'later',
    message: 'Redis at {address} cannot be asked: {reason}',
    cause: 'It is down, starting, overloaded, full, or cut off from this process.',
    remedy:
      'Restore it. Standings that were read before are shown and marked as stale; updates wait and follow from the log.',
  },
  'engine-redis-refused': {
    retry: 'never',
    message: 'Redis at {address} and this engine do not go together: {reason}',
    cause:
      'User or password are wrong, what answers is not Redis, or a cluster was taken for a single server or the other way round.',
    remedy: 'Correct the address, the user, the password, or whether it is a cluster.',
  },
  'engine-redis-tls': {
    retry: 'never',
    message: 'Redis at {address} cannot be spoken to as redis.tls says: {reason}',
    cause:
      'Redis encrypts and this process does not, or the other way round; or one of the two does not take the certificate of the other.',
    remedy: 'Mend what the message names: redis.tls in the cluster file, or the address.',
  },
  'engine-redis-evicts': {
    retry: 'never',
    message: 'Redis at {address} has maxmemory-policy {policy}, but the views need noeviction',
    cause: 'This Redis throws data away when its memory is full. Standings would miss teams.',
    remedy: 'CONFIG SET maxmemory-policy noeviction, or use a Redis that is no cache.',
  },
  'engine-redis-foreign': {
    retry: 'never',
    message:
      'The views in Redis under "{prefix}" have {field} {found}, but this engine has {expected}',
    cause:
      'They belong to another deployment (another log or partition count), or another release wrote them in another format.',
    remedy:
      'Choose another key prefix or Redis. If the views are of no use any more, delete their keys: they are made anew from the log.',
  },
  'engine-archive-busy': {
    retry: 'later',
    message: '{waiting} questions already wait for the archive; the limit is {limit}',
    cause: 'More is asked of the archive than it can answer.',
    remedy:
      'Ask again in a moment. An operator may raise archive.maxWaitingQueries; where it is about who people are, people.maxWaitingQueries.',
    settings: ['archive.maxWaitingQueries', 'people.maxWaitingQueries'],
  },
  'engine-archive-stopped': {
    retry: 'later',
    message: 'The archive has stopped: {reason}',
    cause: 'Its file or the log could not be read or written, or the engine is stopping.',
    remedy:
      'Mend what the reason names and start again; the archive goes on where it stopped, nothing is lost.',
  },
  'engine-archive-unavailable': {
    retry: 'later',
    message: 'Cassandra at {servers} does not take or answer this now: {reason}',
    cause:
      'No server answers, too few of the copies do, or they are overloaded. What is not archived stays in the log, which is kept until it is.',
    remedy:
      'Start the servers or mend the network; archiving goes on by itself. If they are only slow, raise archive.requestTimeoutMs.',
    settings: ['archive.requestTimeoutMs'],
  },
  'engine-archive-refused': {
    retry: 'never',
    message: 'Cassandra refused a statement for the keyspace {keyspace}: {reason}',
    cause:
      'The user may not do this, the servers do not know the replication class, or somebody changed or dropped tables of the archive.',
    remedy: 'Mend what the reason names and start again; nothing is lost.',
  },
  'engine-archive-credentials': {
    retry: 'never',
    message: 'Cassandra at {servers} does not accept the user or the password',
    cause: 'They are wrong or missing, or belong to another cluster.',
    remedy: 'Give the credentials of a user of this cluster and start again.',
  },
  'engine-archive-tls': {
    retry: 'never',
    message: 'Cassandra at {address} cannot be spoken to as cassandra.tls says: {reason}',
    cause:
      'The servers encrypt and this process does not, or the other way round; or one of the two does not take the certificate of the other.',
    remedy: 'Mend what the message names: cassandra.tls in the cluster file, or the address.',
  },
  'engine-archive-not-cassandra': {
    retry: 'never',
    message: 'What answers at {address} is not Cassandra',
    cause: 'The address or port belongs to another server.',
    remedy:
      'Set cassandra.contactPoints in the cluster file to the CQL port (usually 9042) of some servers.',
  },
  'engine-archive-option-invalid': {
    retry: 'never',
    message: 'The option {option} of the archive is "{value}", but must be {expected}',
    cause: 'It was mistyped, or belongs to another cluster.',
    remedy: 'Give what the message asks for and start again.',
  },
  'engine-archive-replication-mismatch': {
    retry: 'never',
    message: 'The keyspace {keyspace} has the replication {found}, but {expected} is configured',
    cause: 'The keyspace was made or altered with other settings, or by another deployment.',
    remedy:
      'Configure the replication that it has, or ALTER KEYSPACE and repair it. Nothing was written.',
  },
  'engine-archive-keyspace-version': {
    retry: 'never',
    message:
      'The keyspace {keyspace} is of format {found}, but this release reads format {expected}',
    cause: 'It was made by another release, or it is no archive of this engine.',
    remedy: 'Start the release that made it, or configure another keyspace. Nothing was written.',
  },
  'engine-archive-log-mismatch': {
    retry: 'never',
    message: 'The keyspace {keyspace} archives the log {found}, but this log is {expected}',
    cause: 'Two deployments are configured with one keyspace, or the log was made anew.',
    remedy: 'Configure another keyspace. Nothing was written.',
  },
  'engine-cluster-config-invalid': {
    retry: 'never',
    message: 'The cluster file {file} cannot be used: {key} {reason}',
    cause: 'It was mistyped, is not YAML, or is of another release.',
    remedy: 'Mend what the message names; docs/cluster.md has a whole file. Nothing was started.',
  },
  'engine-cluster-config-unknown': {
    retry: 'never',
    message: 'The cluster file {file} has an unknown key {key}; {hint}',
    cause: 'It is misspelled, in the wrong section, or of another release.',
    remedy: 'Write the key that is meant, or remove it. Nothing was started.',
  },
  'engine-cluster-secret-plain': {
    retry: 'never',
    message: 'The cluster file {file} has {key} itself where it has to say where it is',
    cause: 'A secret in a file of settings ends up in copies, diffs and tickets.',
    remedy:
      'Write it to a file that only the engine may read, and file:PATH here; or env:NAME, for a variable. Change the secret if others have seen the file. Nothing was started.',
  },
  'engine-node-tls': {
    retry: 'later',
    message: 'The node at {address} cannot be asked as nodes.tls says: {reason}',
    cause:
      'One of the two nodes requires encryption and the other does without, or this one has not heard yet what the other takes, or it does not take the certificate of the other.',
    remedy:
      'In a cluster that runs, bring all nodes to nodes.tls.mode: accept first, one after the other, and then to require, or to none: the section "A running cluster" of docs/security.md has the steps. Certificates have to be of one CA.',
  },
  'engine-node-caller': {
    retry: 'later',
    message: 'Who asked this node from {address} was turned away: {reason}',
    cause:
      'One of the two nodes requires encryption and the other does without, or the other showed no certificate of the CA in nodes.tls.ca. It may also be a probe, Prometheus or a stranger.',
    remedy:
      'In a cluster that runs, bring all nodes to nodes.tls.mode: accept first, one after the other, and then to require, or to none: the section "A running cluster" of docs/security.md has the steps. Certificates have to be of one CA. Probes and Prometheus have to ask by https where nodes require encryption.',
  },
  'engine-cluster-owner-unavailable': {
    retry: 'later',
    message: 'The owner of partition {partition} gave no answer for {timeoutMs} ms: {reason}',
    cause:
      'The node that owns it died a moment ago and no other has taken over yet, no node has the processor role, or the network between the nodes is cut.',
    remedy:
      'Ask again. If it stays, start a node with the processor role, and one with the coordinator role, and look at their logs.',
  },
  'engine-log-held-back': {
    retry: 'later',
    message:
      'The log of partition {partition} keeps {bytes} bytes that its checkpoints no longer need: {reason}',
    cause: 'The archive cannot be reached, lags behind, or no node with the archiver role runs.',
    remedy:
      'Mend Cassandra or the archiver; until then give Kafka the disk. Nothing is lost, and the log is cut by itself once the archive has caught up. How much stays in any case is log.retainBytes.',
  },
  'engine-cluster-identity-unavailable': {
    retry: 'later',
    message: 'The node {address}, which keeps who people are, gave no answer: {reason}',
    cause: 'It is not running, its address is another, or the network to it is cut.',
    remedy:
      'Start it, or mend identity.address in the cluster file. Players who have a token go on playing meanwhile.',
  },
  'engine-identity-unavailable': {
    retry: 'later',
    message: 'Cassandra at {servers}, which keeps who people are, gave no answer: {reason}',
    cause:
      'The servers are down, too few of them are up for the replication, or the network is cut.',
    remedy:
      'Start them, or mend cassandra.contactPoints in the cluster file. Players who have a token go on playing meanwhile.',
  },
  'engine-cluster-state-unread': {
    retry: 'later',
    message: 'The checkpoint of partition {partition} is still being read',
    cause: 'The partition was given to this node a moment ago, or Kafka answers slowly.',
    remedy: 'Nothing: it is tried again by itself.',
  },
  'engine-migrate-plan-mismatch': {
    retry: 'never',
    message: 'The source has {key} {expected}, but the cluster file says {found}',
    cause: 'How many partitions there are, and how many ids they remember, is pinned for good.',
    remedy: 'Set {key} to {expected} in the cluster file. Nothing was written.',
  },
  'engine-migrate-target-used': {
    retry: 'never',
    message: '{place} cannot take in another deployment: {reason}',
    cause: 'A migration only fills what is empty, and never mixes two deployments.',
    remedy:
      'Choose another data directory, or other kafka.prefix, zookeeper.prefix, redis.prefix, cassandra.keyspace, secrets and identity.keyspace or identity.database in the cluster file; or remove what is there once you are sure that nobody needs it.',
  },
  'engine-migrate-target-disturbed': {
    retry: 'never',
    message:
      'The copy of partition {partition} {stream} is not as this migration left it: {reason}',
    cause:
      'Something else has written to the target, or an append of an interrupted run arrived after the next run had begun.',
    remedy:
      'Remove the target (the topics <prefix>.commands, .events, .checkpoints and .migration, or the directory with .migrating at its end), and start the migration again. The source is as it was.',
  },
  'engine-migrate-different': {
    retry: 'never',
    message: 'Partition {partition} is not the same in source and target: {what}: {reason}',
    cause:
      'A fault of a disk or a server, or of this program. The target was not released, and the source is as it was.',
    remedy:
      'Run "hunt verify" on the data directory. If it finds nothing, remove the target and migrate again; if the error stays, report it.',
  },
  'engine-migrate-source-in-use': {
    retry: 'later',
    message: '{place} is in use: {reason}',
    cause: 'What is decided during a migration would be missing in the target.',
    remedy:
      'Stop every node of the cluster, wait until the sessions of those that were killed have ended (zookeeper.sessionTimeoutMs), and start the migration again: it goes on where it was.',
  },
  'engine-migrate-source-shortened': {
    retry: 'never',
    message:
      'The log of partition {partition} begins only at record {first}, and what came before is not to be had: {reason}',
    cause:
      'Retention has removed the begin of the log, and nothing that a migration or a backup reads has it.',
    remedy:
      'Put the archive.db that belongs to the data directory back, or start the engine once and let its archive catch up. Topics of a cluster that log.retainBytes has cut cannot be moved back.',
  },
  'engine-migrate-source-damaged': {
    retry: 'never',
    message: 'The log of partition {partition} cannot be migrated: {reason}',
    cause: 'Records were lost from a topic, or somebody else has written to it.',
    remedy: 'Restore the topics from a backup. Nothing was changed.',
  },
  'engine-migrate-files-missing': {
    retry: 'never',
    message: '{file} is not there, or is empty',
    cause:
      'Tokens and names are kept outside of the log, and without them players could not go on: the command runs on another machine than the one that has them, or the cluster file names another place.',
    remedy:
      'Run it on a machine that has the directory of secrets (and with identity.address on the machine of that node), or mend secrets and identity in the cluster file.',
  },
  'engine-backup-target-used': {
    retry: 'never',
    message: 'There is something at {place}: a backup is never written over another',
    cause: 'A backup is a directory of its own, made whole under another name first.',
    remedy: 'Name a directory that is not there yet, such as one with the time in its name.',
  },
  'engine-backup-files-missing': {
    retry: 'never',
    message: '{file} is not there',
    cause:
      'Without the secret no token and no answer is known any more, and without the database of people no name: a backup without them would be of no use.',
    remedy:
      'Name the data directory of an engine that was started once; or put the file back, if it was moved away.',
  },
  'engine-backup-source-damaged': {
    retry: 'never',
    message: 'Event {offset} of partition {partition} cannot be copied: {reason}',
    cause: 'The disk, or somebody who wrote into the log, has changed what was durable.',
    remedy:
      'Run "hunt verify" on the stopped engine for the extent of it, and restore the last backup that is whole.',
  },
  'engine-backup-different': {
    retry: 'never',
    message: 'Partition {partition} was read back and folds to {found}, not to {expected}',
    cause: 'A fault of the disk that the copy was written to, or of this program.',
    remedy:
      'Nothing was kept of the copy. Try again on another disk; if the error stays, report it.',
  },
  'engine-backup-incomplete': {
    retry: 'never',
    message: '{place} is not a whole backup: {reason}',
    cause:
      'The backup was killed before its end (it has ".partial-" in its name then), or copying it to where it is was.',
    remedy:
      'Copy it again from where it is whole, or restore another one. Directories with ".partial-" in their names may be removed.',
  },
  'engine-backup-damaged': {
    retry: 'never',
    message: '{file} of the backup is damaged: {reason}',
    cause:
      'The file is not as it was written: a fault of a disk or of a copy, or somebody changed it.',
    remedy:
      'Copy it again from where it is whole, or restore another backup. Nothing was restored.',
  },
  'engine-backup-version': {
    retry: 'never',
    message: 'The backup {place} has version {found}; this program reads version {expected}',
    cause: 'It was made by a later release.',
    remedy: 'Restore it with the release that made it, or a later one.',
  },
  'engine-restore-target-used': {
    retry: 'never',
    message: 'Nothing can be restored into {place}: {reason}',
    cause: 'A restore makes a new data directory and never touches one that is there.',
    remedy:
      'Name a directory that is not there yet. Or stop the engine and move its directory away: do not remove it before the restored one is verified.',
  },
  'engine-restore-outside': {
    retry: 'never',
    message: 'The backup does not hold {point}: it goes from {begin} to {end}',
    cause: 'A point in time has to lie between the first command and the moment of the backup.',
    remedy: 'Name a point between the two, or restore a later or an earlier backup.',
  },
  'engine-cluster-node-unknown': {
    retry: 'never',
    message: 'There is no node {node} in the cluster; {hint}',
    cause: 'The name is misspelled, or the node is not running.',
    remedy: 'See the nodes that are there: hunt cluster status.',
  },
  'engine-cluster-partition-unknown': {
    retry: 'never',
    message: 'There is no partition {partition}; the cluster has {count}, counted from 0',
    cause: 'Partitions have numbers.',
    remedy: 'See the partitions: hunt cluster status.',
  },
  'engine-cluster-role-missing': {
    retry: 'never',
    message: 'Node {node} does not have the role {role}, but {roles}',
    cause: 'Only nodes with that role have partitions.',
    remedy: 'Name a node that has the role, or start this one with it.',
  },
  'engine-cluster-node-draining': {
    retry: 'never',
    message: 'Node {node} drains: it takes no partitions',
    cause: 'Somebody asked that it give away what it has, or it is being stopped.',
    remedy: 'Name another node, or take the drain back: hunt cluster drain NODE --cancel.',
  },
  'engine-cluster-last-owner': {
    retry: 'never',
    message: 'Nobody else can take the partitions of node {node}',
    cause: 'All other nodes with the role processor drain, too, or there are none.',
    remedy: 'Start another node with the role processor first, or take the drain of one back.',
  },
  'engine-cluster-nothing-to-do': {
    retry: 'never',
    message: 'Nothing to do: {reason}',
    cause: 'What is asked for is so already, or was never asked for.',
    remedy: 'See what is asked for: hunt cluster status.',
  },
  'engine-cluster-leaderless': {
    retry: 'later',
    message: 'Nobody leads the cluster',
    cause:
      'No node with the role coordinator is running, or the one that led died a moment ago and its session has not ended yet.',
    remedy: 'Ask again in a few seconds. If it stays, start a node with the role coordinator.',
  },
  'engine-cluster-not-yet': {
    retry: 'later',
    message: 'Not done after {seconds} s: {what}',
    cause:
      'The node that takes a partition has to catch up first, few move at once, another wish stands in the way, or nobody leads the cluster.',
    remedy: 'It stays asked for: look with hunt cluster status, or wait longer with --wait.',
  },
  'engine-settings-unchanged': {
    retry: 'never',
    message: 'Nothing would change: {reason}',
    cause: 'What is asked for is so already.',
    remedy: 'Look with "hunt config get".',
  },
  'engine-settings-version-unknown': {
    retry: 'never',
    message: 'There is no version {version} of the settings to go back to; there are {known}',
    cause: 'It never was, or is so old that it is no longer kept.',
    remedy: 'Choose one that "hunt config history" shows.',
  },
  'engine-setting-unknown': {
    retry: 'never',
    retired: true,
    message: 'There is no setting {name}',
    cause: 'The name is misspelled, or belongs to another release.',
    remedy: 'See the list of settings: hunt config reference.',
  },
  'engine-setting-invalid': {
    retry: 'never',
    retired: true,
    message: 'The setting {name} must be a whole number from {least} to {most}, but is "{value}"',
    cause: 'The value has a unit or a fraction, or is out of range.',
    remedy: 'Give a whole number in the range; the unit is part of the name.',
  },
});
