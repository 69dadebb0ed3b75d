import { errorRegistry } from './coded-error.ts';

/** Every error of the platform. */
export const veltrixErrors = errorRegistry({
  'veltrix-log-damaged': {
    retry: 'never',
    message: 'Log file {file} is damaged at byte {position}: {reason}',
    cause:
      'Bytes that were once durable no longer match their checksum: a failing disk, a file edited by hand, or a partial copy.',
    remedy:
      'Nothing was served from the damaged file. Restore the data directory from a backup, or move the damaged partition away and start without it.',
  },
  'veltrix-log-identity-mismatch': {
    retry: 'never',
    message: 'The log in {directory} has {field} {found}, but {expected} was asked for',
    cause:
      'The directory, or the topic prefix, belongs to another deployment, was written with another partition count or another dedupe window, or is of another format version.',
    remedy:
      'Start with the settings the log was made with, or choose another directory or another topic prefix. The partition count is pinned when a deployment is made.',
    settings: ['partitions', 'dedupeWindow'],
  },
  'veltrix-log-missing': {
    retry: 'never',
    message: 'Data directory {directory} holds no log',
    cause: 'The directory is empty, or is not the data directory of an engine.',
    remedy: 'Name the directory the engine was started with, or start the engine once to make it.',
  },
  'veltrix-log-locked': {
    retry: 'later',
    message: 'Data directory {directory} is in use by another process',
    cause: 'One data directory has one writer. Another engine has it open.',
    remedy: 'Stop the other process, or give this one another --data directory.',
  },
  'veltrix-log-io-failed': {
    retry: 'later',
    message: 'The log could not {operation} {file}: {reason}',
    cause:
      'The operating system refused to read, write or sync: the disk is full or failing, this process may not touch the file, or no file descriptors are left.',
    remedy:
      'Mend what the reason names (space, permissions, descriptors) and start again. Nothing that was acknowledged is lost; the partition stopped before it could acknowledge more.',
  },
  'veltrix-log-inflight-full': {
    retry: 'later',
    message:
      '{bytes} bytes already wait to become durable on partition {partition}; the limit is {limit}',
    cause: 'Commands arrive faster than the disk makes them durable.',
    remedy: 'Raise log.inflightMaxBytes, use a faster disk, or slow the sender.',
    settings: ['log.inflightMaxBytes'],
  },
  'veltrix-log-record-too-large': {
    retry: 'never',
    message: 'A record of {bytes} bytes is larger than the limit of {limit}',
    cause: 'One append carried more than a record may hold.',
    remedy: 'Split the batch, or raise log.recordMaxBytes.',
    settings: ['log.recordMaxBytes'],
  },
  'veltrix-log-offset-gone': {
    retry: 'never',
    message:
      'Offset {offset} of partition {partition} {stream} is below the first kept offset {first}',
    cause: 'Retention removed the segment that held it.',
    remedy:
      'Start from a checkpoint at or above the first kept offset, or from a backup that reaches further back.',
  },
  'veltrix-log-filling': {
    retry: 'never',
    message: 'A migration is filling {place} from {other}, and has not come to its end',
    cause: 'The migration is under way, or was interrupted. Half a log must not be served.',
    remedy:
      'Let it end, or start "hunt migrate" again as before: it goes on where it was. To give it up, remove what it wrote, or use another prefix.',
  },
  'veltrix-log-moved': {
    retry: 'never',
    message: '{place} was moved to {other}',
    cause: 'A migration has come to its end: what is decided here now would be missing there.',
    remedy:
      'Serve it where it is now. To go back to the state of before the migration for good, remove the mark: the file migration.json of a data directory, the topic <prefix>.migration of a cluster.',
  },
  'veltrix-log-mark-invalid': {
    retry: 'never',
    message: 'The mark of {place} cannot be read: {reason}',
    cause: 'Somebody edited or damaged it, or a newer release wrote it.',
    remedy:
      'Use the release that wrote it. If it was edited, restore it, or remove it once you are sure that no migration is under way.',
  },
  'veltrix-log-append-unanswered': {
    retry: 'same-id',
    message:
      'A record of {bytes} bytes for partition {partition} {stream} had no answer for {timeoutMs} ms: {reason}',
    cause:
      'The log could not be reached, or answered too late. The record may be in the log, may still come, or never will.',
    remedy:
      'Send the same command again with the same id: it is decided once. If it goes on, look at the servers that keep the log, or raise log.appendTimeoutMs.',
  },
  'veltrix-log-unavailable': {
    retry: 'later',
    message: 'The log cannot be reached for partition {partition} {stream}: {reason}',
    cause:
      'The servers that keep the log do not answer, are choosing a new leader, or have too few replicas in sync.',
    remedy:
      'Nothing is lost, and it goes on by itself once they answer. Look at the servers and at the network between.',
  },
  'veltrix-log-truncated': {
    retry: 'never',
    message:
      'Partition {partition} {stream} ends at offset {end}, but records up to {expected} were there before',
    cause:
      'The servers lost records that they had acknowledged: an election of a replica that was behind, or a disk put back to an older state.',
    remedy:
      'Stop, and restore the log from a backup that reaches further. On Kafka keep unclean.leader.election.enable=false, and min.insync.replicas at 2 or more.',
  },
  'veltrix-log-recreated': {
    retry: 'never',
    message: 'Partition {partition} {stream} is not the one that was opened: {reason}',
    cause:
      'The log was deleted and made anew while it was in use, or records of another log are in it.',
    remedy:
      'Stop every process on this log; restore it from a backup, or choose another topic prefix for a new deployment.',
  },
  'veltrix-log-closed': {
    retry: 'later',
    message: 'The log of partition {partition} is closed',
    cause: 'The engine is stopping, or the partition stopped after an earlier error.',
    remedy: 'Look for the first error of this partition in the logs and start again.',
  },
  'veltrix-record-invalid': {
    retry: 'never',
    message: 'A {stream} record at offset {offset} cannot be read: {reason}',
    cause:
      'The record passed its checksum but not its format: it was written by a faulty or newer release.',
    remedy: 'Run the release that wrote it, or report it with the log file.',
  },
  'veltrix-event-unknown': {
    retry: 'never',
    message:
      'Event type {type} version {version} at offset {offset} of partition {partition} is not known to this release',
    cause: 'The log was written by a newer release.',
    remedy:
      'Start the release that wrote the log, or a newer one. An unknown event is never skipped.',
  },
  'veltrix-checkpoint-damaged': {
    retry: 'never',
    message: 'No generation of the checkpoint of partition {partition} is whole: {reason}',
    cause: 'Both generations fail their checksum and the log no longer reaches back to its start.',
    remedy: 'Restore the data directory from a backup.',
  },
  'veltrix-checkpoint-io-failed': {
    retry: 'later',
    message: 'A checkpoint could not {operation} {file}: {reason}',
    cause:
      'The operating system refused to write or sync: the disk is full or failing, or no file descriptors are left.',
    remedy:
      'Free space or descriptors; the next checkpoint is tried by itself. Nothing is lost, but a start takes longer until one succeeds.',
  },
  'veltrix-checkpoint-ahead': {
    retry: 'never',
    message:
      'The checkpoint of partition {partition} is at event offset {checkpoint}, but the log ends at {end}',
    cause:
      'The end of the log was lost after it had been durable, or the checkpoint belongs to another log.',
    remedy: 'Restore the data directory from a backup; events that were acknowledged are missing.',
  },
  'veltrix-decide-failed': {
    retry: 'never',
    message: 'The command could not be decided because of a fault in the engine',
    cause:
      'The decision function threw. The command is recorded as rejected; nothing else is affected.',
    remedy: 'Report the command id to the operator; the log has what is needed to reproduce it.',
  },
  'veltrix-command-id-reused': {
    retry: 'never',
    message: 'This command id was used before with other content',
    cause: 'An Idempotency-Key names one command for good. The same key came with another command.',
    remedy: 'Send the new command with a new key.',
  },
  'veltrix-partition-stopped': {
    retry: 'later',
    message: 'Partition {partition} has stopped: {reason}',
    cause:
      'An invariant did not hold or storage failed; the partition refuses to go on rather than risk a wrong decision.',
    remedy: 'Read the named reason, mend it and start again.',
  },
  'veltrix-owner-fenced': {
    retry: 'same-id',
    message:
      'Partition {partition} has a newer owner: {node} with epoch {newer}; this one had epoch {epoch}',
    cause:
      'The partition was moved while this process was slow, stopped or cut off. What it had decided and not read back does not count.',
    remedy:
      'Nothing needs to be done: the newer owner decides. Send commands that have no answer again with the same id.',
  },
  'veltrix-owner-epoch-stale': {
    retry: 'later',
    message:
      'Partition {partition} cannot be owned with epoch {epoch}: it has already been owned with epoch {current}, by {node}',
    cause:
      'Another process started to own the partition with the same or a higher epoch, or an earlier claim of this one came late.',
    remedy: 'Claim again with an epoch above the current one, if the assignment still says so.',
  },
  'veltrix-owner-diverged': {
    retry: 'never',
    message:
      'Event {offset} of partition {partition} is not what its owner, epoch {epoch}, decided: {reason}',
    cause:
      'A fault in the engine: two processes decided with one epoch, or the log changed a record.',
    remedy:
      'The partition stopped before it answered anything from it. Keep the log and report the fault; another process can own the partition meanwhile.',
  },
  'veltrix-state-full': {
    retry: 'later',
    message: 'Table {table} has reached its limit of {limit} rows',
    cause: 'More players, claims or messages than the deployment was made for.',
    remedy: 'Raise processor.tableMaxRows.',
    settings: ['processor.tableMaxRows'],
  },
  'veltrix-kafka-unreachable': {
    retry: 'later',
    message: 'No answer of Kafka at {bootstrap} within {timeoutMs} ms: {reason}',
    cause:
      'No broker runs there, the network is cut, the brokers have not yet formed a cluster, or, when it hangs up, the listener wants encryption.',
    remedy:
      'Start the brokers, or set kafka.bootstrap to a client listener of theirs and kafka.tls as it wants it. It is tried again by itself.',
  },
  'veltrix-kafka-not-kafka': {
    retry: 'never',
    message: 'What answers at {bootstrap} is not Kafka as expected: {reason}',
    cause: 'The address is of another server.',
    remedy: 'Set kafka.bootstrap to a client listener of the brokers.',
  },
  'veltrix-kafka-credentials': {
    retry: 'never',
    message: 'Kafka at {bootstrap} does not accept the credentials: {reason}',
    cause: 'The user, the password or the mechanism is not the one that the brokers know.',
    remedy:
      'Mend kafka.username, kafka.password or kafka.mechanism, or make the user on the brokers.',
  },
  'veltrix-kafka-tls': {
    retry: 'never',
    message: 'Kafka at {address} cannot be spoken to as kafka.tls says: {reason}',
    cause:
      'The brokers encrypt and this process does not, or the other way round; or one of the two does not take the certificate of the other.',
    remedy: 'Mend what the message names: kafka.tls in the cluster file, or the address.',
  },
  'veltrix-kafka-too-old': {
    retry: 'never',
    message:
      'Kafka at {bootstrap} knows request {api} up to version {found}, but {version} is needed',
    cause:
      'The brokers are older than release 4.1, which names topics by their id in every request.',
    remedy: 'Upgrade the brokers to 4.1 or later.',
  },
  'veltrix-kafka-partition-count': {
    retry: 'never',
    message: 'Topic {topic} has {found} partitions, but {expected} are needed',
    cause: 'The topic was made by hand or for another deployment, or partitions were added later.',
    remedy:
      'Set partitions to what the deployment was made with. Partitions of a log are never added: delete the topic if nothing is in it yet, or choose another kafka.prefix.',
    settings: ['partitions'],
  },
  'veltrix-kafka-under-replicated': {
    retry: 'never',
    message: 'Topic {topic} needs {expected} replicas, but {what} {found}',
    cause: 'There are fewer brokers than replicas asked for, or the topic was made with fewer.',
    remedy:
      'Start more brokers, raise the replication factor of the topic (kafka-reassign-partitions), or lower kafka.replication if losing a broker may lose data.',
  },
  'veltrix-kafka-compacted': {
    retry: 'never',
    message: 'Topic {topic} has cleanup.policy={found}, but a log needs delete',
    cause: 'A compacted topic drops records that the log needs.',
    remedy:
      'Set cleanup.policy=delete on the topic. If it held records while it was compacted, restore it from a backup.',
  },
  'veltrix-kafka-retention': {
    retry: 'never',
    message: 'Topic {topic} has {setting}={found}, but a log needs -1',
    cause: 'The brokers would delete records by age or size, whether they are still needed or not.',
    remedy:
      'Set it to -1 on the topic: the engine lets go of records itself once they are archived.',
  },
  'veltrix-kafka-topic-setting': {
    retry: 'never',
    message: 'Topic {topic} has {setting}={found}, but {expected} is needed',
    cause: 'The topic was made by hand, or its settings were changed later.',
    remedy: 'Change the setting on the topic (kafka-configs --alter), then start again.',
  },
  'veltrix-coordination-unavailable': {
    retry: 'later',
    message: 'The coordination service gave no answer about {place} in time',
    cause:
      'The service is down, restarts, or the network to it is cut. What was asked for may have happened all the same.',
    remedy:
      'Nothing that was acknowledged is lost, and owners go on; only nothing moves. Start the service again or mend the network, then ask again.',
  },
  'veltrix-coordination-closed': {
    retry: 'later',
    message: 'The connection to the coordination service is closed',
    cause: 'The node is stopping.',
    remedy: 'Ask a node that is running.',
  },
  'veltrix-coordination-refused': {
    retry: 'never',
    message: 'The coordination service does not permit this node to use {place}',
    cause: 'The credentials are missing or wrong, or the place was made by somebody else.',
    remedy: 'Set the credentials the place was made with, or choose another prefix.',
  },
  'veltrix-coordination-not-zookeeper': {
    retry: 'never',
    message: 'What answers at {address} is not ZooKeeper: {reason}',
    cause: 'The address or port belongs to another server.',
    remedy: 'Set the address of a ZooKeeper server (usually port 2181).',
  },
  'veltrix-coordination-tls': {
    retry: 'never',
    message: 'ZooKeeper at {address} cannot be spoken to as zookeeper.tls says: {reason}',
    cause:
      'The servers encrypt and this process does not, or the other way round; or one of the two does not take the certificate of the other.',
    remedy: 'Mend what the message names: zookeeper.tls in the cluster file, or the address.',
  },
  'veltrix-coordination-address-invalid': {
    retry: 'never',
    message: '"{value}" does not say where the coordination service is: {reason}',
    cause: 'The address or the prefix is not written as it has to be.',
    remedy: 'Write it like 10.0.0.1:2181,10.0.0.2:2181 and /hunt.',
  },
  'veltrix-coordination-damaged': {
    retry: 'never',
    message: 'The coordination data at {place} cannot be used: {reason}',
    cause: 'It was edited or removed by hand, or written by a newer release or another program.',
    remedy:
      'Put back what was there, or remove it: members and loads are written again by the nodes, the assignment by the leader, with higher epochs. Until then the last good value stands. If the prefix is used by something else, choose another one.',
  },
  'veltrix-coordination-plan-mismatch': {
    retry: 'never',
    message: 'The cluster at {place} has {field} {found}, but this node has {expected}',
    cause:
      'Two clusters were given one prefix, or this node was given another plan. Nothing was written.',
    remedy:
      'Give the node the plan of the cluster, or another prefix. The plan is pinned when a deployment is made.',
  },
  'veltrix-coordination-empty': {
    retry: 'later',
    message: 'There is no cluster at {place}',
    cause: 'No node has ever joined there, or the address or the prefix is that of another place.',
    remedy: 'Check zookeeper.connect and zookeeper.prefix, and start a node of the cluster first.',
  },
  'veltrix-level-unsupported': {
    retry: 'never',
    message: 'The cluster works at level {level}, but this release knows levels {least} to {most}',
    cause:
      'All nodes were of a newer release for a while, and the cluster writes what this release cannot read; or this release no longer knows what the cluster still writes. Nothing was written.',
    remedy:
      'Start a release that knows the level. Where this one is too new, run the release before it on every node until the level has been raised ("hunt cluster status" shows it).',
  },
  'veltrix-coordination-conflict': {
    retry: 'later',
    message: 'Somebody else has changed {place} meanwhile',
    cause: 'The change was based on a version that is no longer the present one.',
    remedy: 'Read it again, and change that.',
  },
  'veltrix-coordination-too-large': {
    retry: 'never',
    message: '{place} would have {bytes} bytes; the limit is {limit}',
    cause: 'One document of the coordination service holds only so much.',
    remedy: 'Make the value shorter. An assignment takes about 50 bytes for each partition.',
  },
  'veltrix-coordination-node-taken': {
    retry: 'later',
    message: 'Another process is registered as node {nodeId} at {place}, and stays',
    cause: 'Two nodes have been given the same node id.',
    remedy: 'Give each node an id of its own, or stop the other process.',
  },
  'veltrix-node-clock-skew': {
    retry: 'never',
    message:
      'The clock of node {nodeId} is {skew} that of the coordination service at {place}; {limitMs} ms are permitted',
    cause:
      'This machine, or the one that leads the coordination service, does not keep its time by a time server.',
    remedy:
      'Set the clock right (NTP, chrony) and start again. Gateways stamp commands with it: hunts would open and close at other times for their players. clockSkewMaxMs in the cluster file permits more.',
  },
  'veltrix-node-id-invalid': {
    retry: 'never',
    message: '"{nodeId}" cannot be a node id',
    cause: 'A node id is part of a path.',
    remedy:
      'Use 1 to 64 letters, digits, dots, underscores and hyphens; start with a letter or digit.',
  },
  'veltrix-assignment-invalid': {
    retry: 'never',
    message: 'The assignment would break its own rules: {reason}',
    cause: 'A fault in the engine, or a leader of another release. Nothing was written.',
    remedy: 'Report it with the assignment document.',
  },
  'veltrix-config-invalid': {
    retry: 'never',
    message: 'The configuration key "{key}" cannot be written: {reason}',
    cause: 'Each change names a valid key, who makes it and why.',
    remedy: 'Correct what the reason names.',
  },
  'veltrix-config-unreadable': {
    retry: 'never',
    message: 'The settings in {file} cannot be read: {reason}',
    cause: 'The file is not there, is a directory, or this process may not read it.',
    remedy: 'Name the file that is meant, or let this process read it.',
  },
  'veltrix-config-malformed': {
    retry: 'never',
    message: '{place}: this is no file of settings: {reason}',
    cause: 'It is no YAML, or has no keys and values.',
    remedy: 'Correct what the reason names. docs/configuration.md shows such a file.',
  },
  'veltrix-config-cut': {
    retry: 'later',
    message: 'The settings in {file} are cut short: {reason}',
    cause: 'The disk is full, the file is still being written, or its writer was interrupted.',
    remedy:
      'Write the file again, with an end of the line after the last one. A file that is to set nothing says {} or has a comment.',
  },
  'veltrix-config-unwritable': {
    retry: 'later',
    message: 'The settings that were taken last cannot be kept in {file}: {reason}',
    cause: 'The disk is full or failing, or this process may not write there.',
    remedy:
      'Mend what the reason names. The settings count all the same; only a start while ZooKeeper is away would not know them.',
  },
  'veltrix-setting-unknown': {
    retry: 'never',
    message: '{place}: there is no setting {name}{hint}',
    cause: 'The name is misspelt, is in another scope, or belongs to another release.',
    remedy: 'Correct the name. "hunt config reference" lists every setting.',
  },
  'veltrix-setting-invalid': {
    retry: 'never',
    message: '{place}: {name} cannot be "{value}": {reason}',
    cause: 'The value is of another type, has a unit that does not fit, or is out of range.',
    remedy:
      'Give a value as the message says. "hunt config explain NAME" tells what the setting does.',
  },
  'veltrix-setting-contradiction': {
    retry: 'never',
    message: '{parts}: {reason}',
    cause: 'Each value is right by itself, but they do not go together.',
    remedy: 'Change one of them.',
  },
  'veltrix-settings-refused': {
    retry: 'never',
    message: '{count} settings are wrong: {list}',
    cause: 'All sources are checked before anything is used, so that they can be mended in one go.',
    remedy: 'Correct each; "hunt config check FILE" lists them all.',
  },
  'veltrix-secret-unreadable': {
    retry: 'never',
    message: 'The secret of {name} cannot be read: {reason}',
    cause: 'A secret is never in a file of settings, but in a file or a variable that they name.',
    remedy: 'Write file:PATH or env:NAME, and see that this process finds the secret there.',
  },
  'veltrix-partition-stuck': {
    retry: 'later',
    message:
      'Partition {partition} is stuck on node {nodeId}: {waiting} records wait, and for {milliseconds} ms none was folded although the node is alive',
    cause:
      'The fold hangs: a command that takes for ever to decide, a blocked thread, or a log that this node cannot read.',
    remedy:
      'The partition moves to another node by itself. If it gets stuck there too, look for the command it stopped at in the logs of both.',
  },
  'veltrix-heartbeat-stopped': {
    retry: 'later',
    message: 'The heartbeat of node {nodeId} has stopped: {reason}',
    cause: 'The thread that reports for this node failed; the others take the node for dead.',
    remedy: 'Start the node again. If it happens again, report the reason.',
  },
  'veltrix-node-not-responsive': {
    retry: 'later',
    message: 'Node {nodeId} is not responsive: {reason}',
    cause: 'The process is dead or frozen, its machine is overloaded, or the network to it is cut.',
    remedy:
      'Its partitions move to other nodes by themselves. Look at the process and its machine.',
  },
  'veltrix-metric-invalid': {
    retry: 'never',
    message: 'Metric {metric} {reason}',
    cause:
      'A metric is declared without a unit in its name, without a bound on its labels or twice; or it is measured, or asked for by a dashboard or an alert, with a name or labels that are not declared.',
    remedy:
      'Mend its declaration, or what uses it. docs/metrics.md lists every metric with its labels.',
  },
});
