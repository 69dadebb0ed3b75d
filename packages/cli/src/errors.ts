import { errorRegistry } from 'veltrix';

/** Every error of the `hunt` command itself. */
export const cliErrors = errorRegistry({
  'cli-command-unknown': {
    retry: 'never',
    message: 'There is no command "{command}"{meant}',
    cause: 'The command is misspelled.',
    remedy: 'Run "hunt --help" for the list.',
  },
  'cli-flag-unknown': {
    retry: 'never',
    message: '"hunt {command}" has no flag {flag}{meant}',
    cause: 'The flag is misspelled, or belongs to another command.',
    remedy: 'Run the command with --help for its flags.',
  },
  'cli-flag-value-missing': {
    retry: 'never',
    message: '{flag} needs a value',
    cause: 'The flag came last, or another flag follows where its value belongs.',
    remedy: 'Give the value after the flag, or as --flag=value when it begins with two hyphens.',
  },
  'cli-flag-value-invalid': {
    retry: 'never',
    message: '{flag} must be {expected}, but is "{found}"',
    cause: 'The value has the wrong form or is out of range.',
    remedy: 'Run the command with --help for what the flag takes.',
  },
  'cli-flag-missing': {
    retry: 'never',
    message: '"hunt {command}" needs {flag}',
    cause: 'A flag without which the command has nothing to do was left out.',
    remedy: 'Run the command with --help for what the flag takes.',
  },
  'cli-flags-conflict': {
    retry: 'never',
    message: '{flag} and {other} exclude each other',
    cause: 'Together they mean nothing.',
    remedy: 'Leave one of them out.',
  },
  'cli-argument-missing': {
    retry: 'never',
    message: '"hunt {command}" needs {argument}',
    cause: 'The command was given nothing to work on.',
    remedy: 'Name it after the command.',
  },
  'cli-argument-unexpected': {
    retry: 'never',
    message: '"hunt {command}" takes no argument "{argument}"',
    cause: 'A value stands without its flag, or a name with spaces was not quoted.',
    remedy: 'Put it after its flag, or between quotes.',
  },
  'cli-file-exists': {
    retry: 'never',
    message: '{file} is there already',
    cause: 'The command never overwrites what people wrote.',
    remedy: 'Choose another name, or remove the file first.',
  },
  'cli-file-unreadable': {
    retry: 'never',
    message: '{file} cannot be read: {reason}',
    cause: 'The file is missing, is a directory, or may not be read.',
    remedy: 'Check the name and the permissions.',
  },
  'cli-calibration-missing': {
    retry: 'never',
    message: 'there is no calibration {file}, and sizes are computed from one',
    cause: 'Nothing has measured yet what requests cost on this machine, or the file is elsewhere.',
    remedy:
      'Run "hunt calibrate" first, on a machine of the kind that you will use, with nothing else running; it takes five minutes. Or name its file with --calibration.',
  },
  'cli-file-unwritable': {
    retry: 'never',
    message: '{file} cannot be written: {reason}',
    cause: 'The directory is missing or may not be written, or the disk is full.',
    remedy: 'Check the directory, its permissions and the free space.',
  },
  'cli-hunt-invalid': {
    retry: 'never',
    message: '{file} has {count} problem(s), the first at {line}:{column}: {problem}',
    cause: 'The hunt file does not compile.',
    remedy: 'Run "hunt check" on it for all of them.',
  },
  'cli-key-missing': {
    retry: 'never',
    message: 'An organiser key for {target} is needed',
    cause: 'Publishing hunts, reading scan codes and recording commands is for organisers only.',
    remedy: 'Give the key in the environment variable HUNT_ORGANISER_KEY.',
  },
  'cli-flags-exclusive': {
    retry: 'never',
    message: '{one} and {other} cannot be given together',
    cause: 'A value is for all, for a role, for a node or for a hunt.',
    remedy: 'Give one of them, or use the command once for each.',
  },
  'cli-address-unavailable': {
    retry: 'later',
    message: 'Cannot listen on {host} port {port}: {reason}',
    cause:
      'Another process listens there, the port is reserved, or the address is not one of this machine.',
    remedy: 'Choose another with --port or --host, or stop the other process.',
  },
  'cli-server-stopped': {
    retry: 'later',
    message: 'The server stopped by itself ({status}): {reason}',
    cause: 'It ended without naming an error; its own last words are in the message.',
    remedy: 'Mend what it names and try again.',
  },
  'cli-nothing-measured': {
    retry: 'later',
    message: 'No process shows its metrics ({reasons})',
    cause: 'The processes do not run, the addresses are others, or a network keeps them apart.',
    remedy:
      'Give with --target the address of a gateway, or of the "address" of a node, and look whether it answers GET /metrics.',
  },
  'cli-fault': {
    retry: 'never',
    message: 'A fault in the command: {reason}',
    cause: 'The command met something that whoever wrote it did not think of.',
    remedy: 'Run it again with HUNT_DEBUG=1 for where it happened, and report that.',
  },
  'cli-server-silent': {
    retry: 'later',
    message: 'The server was not ready within {seconds} s',
    cause: 'The machine is busy, or the data directory takes long to recover.',
    remedy: 'Try again on a quieter machine, or start "hunt serve" by itself and use --target.',
  },
  'cli-command-not-taken': {
    retry: 'never',
    message: 'The server did not take line {line} of the trace ({code})',
    cause: 'It refused the command before any rule could decide it.',
    remedy: 'Look the named error up; with several clients, fewer of them may help.',
  },
  'cli-trace-problem-unknown': {
    retry: 'never',
    message: 'Line {line} of the trace names the problem "{problem}", which the hunt does not have',
    cause: 'No step with answers has it as its title or its id.',
    remedy: 'Write a hunt for this trace with "hunt new --from-trace".',
  },
  'cli-trace-teams-alike': {
    retry: 'never',
    message: 'The teams "{team}" and "{other}" of the trace are the same to the server',
    cause: 'Names of teams are unique within a hunt when case and width of letters are put aside.',
    remedy: 'Rename one of them in the trace.',
  },
  'cli-migrate-ends': {
    retry: 'never',
    message: '{from} and {to} are both {kind}',
    cause: 'A migration goes between a data directory and the cluster that a file describes.',
    remedy: 'Give a data directory and a cluster file, in the order in which to move.',
  },
  'cli-backup-of-cluster': {
    retry: 'never',
    message: '{file} is a file; backups are made of a data directory, and restored into one',
    cause:
      'It may be the file of a cluster. What a cluster holds is kept by Kafka and Cassandra, on several machines each.',
    remedy:
      'Stop the nodes and move what the cluster holds into a directory ("hunt migrate"), which can be backed up; back onto a cluster it goes the same way.',
  },
  'cli-posters-none': {
    retry: 'never',
    message: 'No step of the hunt "{hunt}" is solved by scanning, so it needs no posters',
    cause: 'Posters are made for the steps with "scan".',
    remedy: 'Check the id of the hunt, or give a step "scan" and publish the next version.',
  },
  'cli-hunt-not-found': {
    retry: 'never',
    message: 'The data directory {directory} holds no hunt "{hunt}"',
    cause:
      'The hunt was never published there, or that is so new that it is not proven durable yet: in the log of an engine that runs or was killed.',
    remedy: 'Check the id and the directory; stop the engine cleanly for its newest events.',
  },
});
