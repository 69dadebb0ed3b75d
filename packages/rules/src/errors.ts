import { errorRegistry } from 'veltrix';

/** Every error of the rules. `rules-file-…` are problems of a hunt file, `rules-trace-…` of a recorded contest. */
export const rulesErrors = errorRegistry({
  'rules-file-too-large': {
    retry: 'never',
    message: 'The hunt file has {bytes} bytes; the limit is {limit}',
    cause: 'A hunt is text written by people; a file of this size is something else.',
    remedy: 'Check that the right file was given, or split it into several hunts.',
  },
  'rules-file-yaml-invalid': {
    retry: 'never',
    message: 'This is not YAML: {reason}',
    cause: 'The file breaks the syntax of YAML 1.2, holds several documents, or nests too deeply.',
    remedy: 'Look at the indentation, and put text that holds ": ", " #" or quotes between quotes.',
  },
  'rules-file-yaml-unsupported': {
    retry: 'never',
    message: '{feature} cannot be used in a hunt',
    cause: 'Aliases let a small file stand for a huge one, and tags mean nothing to a hunt.',
    remedy: 'Write the value out where it is needed.',
  },
  'rules-file-key-unknown': {
    retry: 'never',
    message: '{path} has no key "{key}"',
    cause: 'The key is misspelled, indented under the wrong parent, or from a newer release.',
    remedy:
      'Correct the spelling or the indentation; the hint names the key that was probably meant.',
  },
  'rules-file-key-repeated': {
    retry: 'never',
    message: 'The key "{key}" appears twice in {path}',
    cause: 'A mapping holds each key once; which of the two was meant cannot be known.',
    remedy: 'Remove one of them.',
  },
  'rules-file-key-missing': {
    retry: 'never',
    message: '{path} needs the key "{key}"',
    cause: 'A value without which the hunt has no meaning was left out.',
    remedy: 'Add the key; the hint says what it is for.',
  },
  'rules-file-keys-conflict': {
    retry: 'never',
    message: '{path} must have exactly one of {choices}, but has {found}',
    cause: 'The keys exclude each other: a step is of one kind, a requirement of one form.',
    remedy: 'Keep one of them and remove the others.',
  },
  'rules-file-type-wrong': {
    retry: 'never',
    message: '{path} must be {expected}, but is {found}',
    cause: 'A value of another type was given, for example a list in place of a text.',
    remedy: 'Give a value of the type that the message names.',
  },
  'rules-file-value-malformed': {
    retry: 'never',
    message: '{path} must be {expected}, but is "{found}"',
    cause:
      'The value has the right type and the wrong form, for example a duration without its unit.',
    remedy: 'Write it like the example in the hint.',
  },
  'rules-file-value-out-of-range': {
    retry: 'never',
    message: '{path} must be from {least} to {most}, but is {found}',
    cause: 'The value is outside what the engine accepts or what makes sense.',
    remedy: 'Choose a value within the limits in the message.',
  },
  'rules-file-text-invalid': {
    retry: 'never',
    message: '{path} {reason}',
    cause: 'The text is empty, too long, or holds characters that no screen can show.',
    remedy: 'Shorten or complete the text, and type it rather than pasting what is invisible.',
  },
  'rules-file-list-length': {
    retry: 'never',
    message: '{list} has {count} entries; it must have {least} to {most}',
    cause: 'A list is empty where something is needed, or longer than the engine accepts.',
    remedy: 'Add or remove entries; the message names the limits.',
  },
  'rules-file-answer-empty': {
    retry: 'never',
    message:
      '{path} "{answer}" has nothing left once case, spaces and invisible characters are set aside',
    cause: 'Answers are compared in a normalised form, and this one is empty in that form.',
    remedy: 'Give an answer that can be typed.',
  },
  'rules-file-id-repeated': {
    retry: 'never',
    message: 'The {what} id "{id}" is used twice',
    cause: 'Ids name one thing each; requirements, scans and claims refer to them.',
    remedy: 'Give one of them another id.',
  },
  'rules-file-step-unknown': {
    retry: 'never',
    message: 'There is no step "{step}"',
    cause: 'A requirement names a step that the hunt does not have.',
    remedy: 'Name the id of a step of this hunt.',
  },
  'rules-file-requires-impossible': {
    retry: 'never',
    message: 'At least {count} of {of} steps can never be solved',
    cause: '"atLeast" asks for more than the list under "of" holds.',
    remedy: 'Lower "atLeast", or add to the list under "of".',
  },
  'rules-file-requires-repeated': {
    retry: 'never',
    message: 'The step "{step}" appears twice in one list',
    cause: 'A step counts once; naming it twice changes what the list means in no useful way.',
    remedy: 'Remove one of them.',
  },
  'rules-file-requires-too-large': {
    retry: 'never',
    message: '{path} is too large: the limit is {limit} {unit}',
    cause: 'Requirements are judged for every answer, so their size is limited.',
    remedy: 'Introduce a step that stands for a part of the requirement.',
  },
  'rules-file-requires-cycle': {
    retry: 'never',
    message: 'These steps wait for each other, so that none can ever open: {steps}',
    cause: 'Following "requires" from one of them leads back to it.',
    remedy: 'Remove one of these requirements, or offer another way with "any".',
  },
  'rules-file-unreachable': {
    retry: 'never',
    message: 'The {what} "{id}" can never be reached',
    cause: 'It requires steps that can never open.',
    remedy: 'Mend the steps it requires, or require others.',
  },
  'rules-file-window-invalid': {
    retry: 'never',
    message: 'The hunt closes at {closes}, which is not after it opens at {opens}',
    cause: 'opens and closes were swapped, or one has the wrong offset from UTC.',
    remedy: 'Give a later time for closes.',
  },
  'rules-file-too-many-problems': {
    retry: 'never',
    message: 'More than {limit} problems; the others are not shown',
    cause: 'Often one mistake, such as an indentation, causes all of them.',
    remedy: 'Mend the first ones and check again.',
  },
  'rules-trace-too-large': {
    retry: 'never',
    message: 'The trace has {bytes} bytes; the limit is {limit}',
    cause: 'A trace is read as a whole.',
    remedy: 'Split the trace.',
  },
  'rules-trace-header-invalid': {
    retry: 'never',
    message: 'Line 1 of the trace must be "{expected}", but is "{found}"',
    cause: 'The file is not a recorded contest, or its columns are in another order.',
    remedy:
      'Write the columns seconds, team, problem and verdict, in this order, with this first line.',
  },
  'rules-trace-row-invalid': {
    retry: 'never',
    message: 'Line {line} of the trace: {reason}',
    cause: 'The line does not hold what its columns should hold.',
    remedy: 'Mend or remove the line.',
  },
  'rules-trace-empty': {
    retry: 'never',
    message: 'The trace holds no submission',
    cause: 'There is nothing below the header.',
    remedy: 'Give a trace with at least one line.',
  },
  'rules-trace-problems-too-many': {
    retry: 'never',
    message: 'The trace has {count} problems; a hunt has at most {limit} steps',
    cause: 'Each problem of a trace becomes a step.',
    remedy: 'Split the trace by problem.',
  },
  'rules-trace-option-invalid': {
    retry: 'never',
    message: 'The {option} "{found}" of the hunt to write must be {expected}',
    cause: 'The hunt would not compile.',
    remedy: 'Give another one.',
  },
  'rules-hunt-unknown': {
    retry: 'later',
    message: 'There is no hunt with this id here',
    cause: 'The hunt was never published here, or its name is misspelled.',
    remedy: 'Check the name; publish the hunt before players join.',
  },
  'rules-hunt-not-open': {
    retry: 'later',
    message: 'The hunt has not opened yet',
    cause: 'The command came before the opening time of the hunt.',
    remedy: 'Try again once it has opened; the hunt says when.',
  },
  'rules-hunt-closed': {
    retry: 'never',
    message: 'The hunt is over',
    cause: 'The command came at or after the closing time of the hunt.',
    remedy: 'Nothing more counts; look at the standings.',
  },
  'rules-team-unknown': {
    retry: 'never',
    message: 'The team is not registered in this hunt',
    cause: 'The team never joined, or belongs to another hunt.',
    remedy: 'Join the hunt first.',
  },
  'rules-step-unknown': {
    retry: 'never',
    message: 'The hunt has no such step',
    cause: 'The step is misspelled or belongs to another hunt.',
    remedy: 'Use a step id that the hunt lists.',
  },
  'rules-step-not-open': {
    retry: 'later',
    message: 'The step is not open for the team yet',
    cause: 'The team has not solved what the step requires.',
    remedy: 'Solve the steps it requires first.',
  },
  'rules-step-already-solved': {
    retry: 'never',
    message: 'The team has solved this step already',
    cause: 'A team scores once for a step.',
    remedy: 'Go on to another step.',
  },
  'rules-step-cooling-down': {
    retry: 'later',
    message: 'The team must wait {seconds} s before it may answer this step again',
    cause: 'A wrong answer is followed by a cool-down.',
    remedy: 'Wait as Retry-After says.',
  },
  'rules-step-of-other-kind': {
    retry: 'never',
    message: 'The step is not solved this way',
    cause: 'An answer was sent to a step that wants a scan or a check-in, or the other way round.',
    remedy: 'Send the command that fits the kind of the step.',
  },
  'rules-hint-unknown': {
    retry: 'never',
    message: 'The step has no such hint',
    cause: 'The number of the hint is too high.',
    remedy: 'Use a number that the step lists.',
  },
  'rules-hint-already-taken': {
    retry: 'never',
    message: 'The team has this hint already',
    cause: 'A hint is charged once.',
    remedy: 'Read it in the progress of the team.',
  },
  'rules-treasure-unknown': {
    retry: 'never',
    message: 'The hunt has no such treasure',
    cause: 'The treasure is misspelled or belongs to another hunt.',
    remedy: 'Use a treasure id that the hunt lists.',
  },
  'rules-treasure-not-open': {
    retry: 'later',
    message: 'The treasure is not open for the team yet',
    cause: 'The team has not solved what the treasure requires.',
    remedy: 'Solve the steps it requires first.',
  },
  'rules-treasure-limit-reached': {
    retry: 'never',
    message: 'The team holds or has asked for {held} of this treasure; {limit} is the most',
    cause: 'Each team may hold only so many, and has one open reservation at a time.',
    remedy: 'Collect what is reserved, or leave the rest to others.',
  },
  'rules-treasure-sold-out': {
    retry: 'later',
    message: 'The treasure is gone',
    cause: 'Everything in stock is granted or reserved.',
    remedy: 'Try again later only if reservations may expire.',
  },
  'rules-treasure-nothing-reserved': {
    retry: 'never',
    message: 'Nothing is reserved for the team to collect',
    cause: 'The reservation was collected, expired or never made.',
    remedy: 'Claim the treasure first.',
  },
  'rules-treasure-reservation-gone': {
    retry: 'never',
    message: 'The reservation has expired',
    cause: 'It was not collected in time and went back into stock.',
    remedy: 'Claim the treasure again.',
  },
  'rules-player-already-in-team': {
    retry: 'never',
    message: 'The player is in another team already',
    cause: 'Nobody is in two teams of a hunt.',
    remedy: 'Go on with the team the player is in.',
  },
  'rules-team-full': {
    retry: 'never',
    message: 'The team has as many members as the hunt allows',
    cause: 'The hunt limits the size of teams.',
    remedy: 'Join or make another team.',
  },
  'rules-hunt-not-for-teams': {
    retry: 'never',
    message: 'Everybody plays alone in this hunt',
    cause: 'The hunt has no teams to join.',
    remedy: 'Join without naming a team.',
  },
  'rules-hunt-version-outdated': {
    retry: 'never',
    message: 'The published hunt has this version or a later one',
    cause: 'A version is published once; the content differs under the same or a lower number.',
    remedy: 'Raise the version in the hunt file.',
  },
  'rules-hunt-version-incompatible': {
    retry: 'never',
    message: 'The new version does not fit the running hunt',
    cause:
      'Steps or treasures were removed, renamed or reordered, too many were added, or the team size changed; progress is kept by their number.',
    remedy: 'Keep them in order and add at the end, or publish it as another hunt.',
  },
  'rules-no-room': {
    retry: 'later',
    message: 'There is no room for this at the moment',
    cause:
      'A table of a partition has as many rows as it may have: of messages or timers that wait, or of teams, players or hunts. Nothing was done.',
    remedy:
      'Messages and timers make room by themselves. Where it lasts, the operator raises processor.tableMaxRows.',
    settings: ['processor.tableMaxRows'],
  },
  'rules-decide-failed': {
    retry: 'never',
    message: 'The partition that was asked could not decide because of a fault in the engine',
    cause:
      'The decision function threw at the message that this command caused on another side. Nothing was granted, reserved or taken by it.',
    remedy: 'Report the command id to the operator; the log has what is needed to reproduce it.',
  },
});
