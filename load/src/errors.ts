import { errorRegistry } from 'veltrix';

/** Every error of load runs. `load-scenario-…` are problems of a scenario file. */
export const loadErrors = errorRegistry({
  'load-scenario-invalid': {
    retry: 'never',
    message: '{file} has {count} problem(s), the first at {line}:{column}: {problem}. {hint}',
    cause: 'The scenario does not say what to send, or says what cannot be sent.',
    remedy: 'Run "hunt load --check" on it for all of them.',
  },
  'load-scenario-too-large': {
    retry: 'never',
    message: 'The scenario has {bytes} bytes; the limit is {limit}',
    cause: 'A scenario is text written by people; a file of this size is something else.',
    remedy: 'Check that the right file was given.',
  },
  'load-scenario-yaml-invalid': {
    retry: 'never',
    message: 'This is not YAML: {reason}',
    cause: 'The file breaks the syntax of YAML 1.2, or holds several documents.',
    remedy: 'Look at the indentation, and put text that holds ": " or " #" between quotes.',
  },
  'load-scenario-key-unknown': {
    retry: 'never',
    message: '{path} has no key "{key}"',
    cause: 'The key is misspelled, or indented under the wrong parent.',
    remedy: 'Correct the spelling; the hint names the key that was probably meant.',
  },
  'load-scenario-key-repeated': {
    retry: 'never',
    message: 'The key "{key}" appears twice in {path}',
    cause: 'A mapping holds each key once; which of the two was meant cannot be known.',
    remedy: 'Remove one of them.',
  },
  'load-scenario-key-missing': {
    retry: 'never',
    message: '{path} needs the key "{key}"',
    cause: 'A value without which the scenario has no meaning was left out.',
    remedy: 'Add the key; the hint says what it is for.',
  },
  'load-scenario-keys-conflict': {
    retry: 'never',
    message: '{path} must have exactly one of {choices}',
    cause: 'Arrivals are either described or recorded; with both or none nothing is clear.',
    remedy: 'Keep one of them.',
  },
  'load-scenario-type-wrong': {
    retry: 'never',
    message: '{path} must be {expected}, but is {found}',
    cause: 'A value of another type was given, for example a list in place of a text.',
    remedy: 'Give a value of the type that the message names.',
  },
  'load-scenario-value-malformed': {
    retry: 'never',
    message: '{path} must be {expected}, but is "{found}"',
    cause: 'The value has the wrong form, for example a rate without its unit.',
    remedy: 'Write it as the message says.',
  },
  'load-scenario-value-out-of-range': {
    retry: 'never',
    message: '{path} must be from {least} to {most}, but is {found}',
    cause: 'The value is outside what makes sense.',
    remedy: 'Choose a value within the limits in the message.',
  },
  'load-scenario-peak-missing': {
    retry: 'never',
    message: '{path} is a "{curve}" curve and needs a "peak"',
    cause: 'Every curve but steady leads from one rate to another.',
    remedy: 'Add peak, such as "peak: 500/s", or make the curve steady.',
  },
  'load-scenario-peak-useless': {
    retry: 'never',
    message: '{path} is steady and has a "peak", which would mean nothing',
    cause: 'A steady phase has one rate.',
    remedy: 'Remove peak, or choose another curve.',
  },
  'load-scenario-arrivals-none': {
    retry: 'never',
    message: 'Nothing would be sent that counts',
    cause: 'Every phase has the rate 0 or does not count, or every weight of the mix is 0.',
    remedy: 'Give a phase that counts a rate, and the mix a weight.',
  },
  'load-scenario-arrivals-too-many': {
    retry: 'never',
    message: '{count} arrivals are more than the {limit} that one run may have',
    cause: 'Rate times duration is beyond what a run on one machine is for.',
    remedy: 'Shorten the phases or lower the rates.',
  },
  'load-scenario-players-too-few': {
    retry: 'never',
    message:
      '{perSecond} arrivals a second from {players} players are {each} from each; a player may send {limit}',
    cause:
      'The server limits each player (gateway.playerRatePerSecond), so that this load would measure refusals.',
    remedy: 'Give more players, or lower the rates.',
  },
  'load-scenario-connections-too-few': {
    retry: 'never',
    message:
      'The generator cannot sustain this: {perSecond} arrivals a second that may take {limitMs} ms each have {least} answers on their way, but there are {connections} connections',
    cause:
      "By Little's law the connections would be taken while the server still keeps its objective, and the generator would wait in its place.",
    remedy: 'Raise "connections" to what the message says, or leave it out.',
  },
  'load-action-impossible': {
    retry: 'never',
    message: 'The mix has "{action}", but the hunt "{hunt}" has {reason}',
    cause: 'What players do follows from the hunt, which offers no such thing.',
    remedy: 'Remove the weight from the mix, or choose another hunt.',
  },
  'load-trace-window-empty': {
    retry: 'never',
    message: 'The recorded contest has nothing from {fromSeconds} s on for {forSeconds} s',
    cause: 'The window of the trace lies where nobody sent anything.',
    remedy: 'Change "from" and "for" of the trace.',
  },
  'load-descriptors-too-few': {
    retry: 'never',
    message:
      'The generator cannot sustain this: {connections} connections need {needed} file descriptors, but this process may have {limit}',
    cause: 'Each connection is a descriptor, and the system limits them for each process.',
    remedy: 'Raise the limit (ulimit -n), or lower "connections" and "live".',
  },
  'load-connections-refused': {
    retry: 'later',
    message: 'Only {open} of {connections} connections could be opened: {reason}',
    cause:
      'The server, or something on the way to it, takes no more, or the generator has no ports left.',
    remedy: 'Lower "connections" and "live", or raise gateway.connectionsMax of the server.',
  },
  'load-generator-failed': {
    retry: 'never',
    message: 'A thread of the load generator ended: {reason}',
    cause: 'The generator met something that whoever wrote it did not think of.',
    remedy: 'Run it again with HUNT_DEBUG=1, and report that.',
  },
  'load-target-invalid': {
    retry: 'never',
    message: 'The target "{target}" is no address of a server',
    cause: 'Load is sent to an address that begins with http:// or https:// and has no path.',
    remedy: 'Give it like http://127.0.0.1:8080.',
  },
  'load-export-trace': {
    retry: 'never',
    message: 'The scenario "{scenario}" plays a recorded contest, which no other tool is told',
    cause: 'A trace is a moment and a step for each of thousands of answers, not a rate and a mix.',
    remedy: 'Describe its course with phases, or run it with "hunt load".',
  },
  'load-export-operation-missing': {
    retry: 'never',
    message: 'The description of the API has no operation "{operation}"',
    cause: 'The server is of another release, or something else answers at /openapi.json.',
    remedy: 'Export with the hunt command of the release that the server runs.',
  },
  'load-comparison-unreadable': {
    retry: 'never',
    message: '{file} is no report of "hunt load": {reason}',
    cause: 'A comparison needs what an earlier run printed with --json.',
    remedy: 'Give a file that "hunt load --json" wrote, of this release.',
  },
  'load-comparison-differs': {
    retry: 'never',
    message: '{file} is a run of another load: {difference}',
    cause: 'Figures of different loads say nothing about each other.',
    remedy: 'Compare runs of the same scenario; run the other release with this file again.',
  },
});
