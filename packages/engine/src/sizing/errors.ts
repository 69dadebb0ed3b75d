import { errorRegistry } from 'veltrix';

/** Every error of calibrating, sizing and tuning. */
export const sizingErrors = errorRegistry({
  'sizing-impossible': {
    retry: 'never',
    message:
      '{peak} arrivals a second from {players} players need {needed} {what}, but the budget has {allowed}; the nearest that fits is {nearest}',
    cause:
      'By the costs that were measured on the calibrated machine no deployment within the budget takes this load and keeps the headroom.',
    remedy:
      'Raise what the message names in --budget; or lower --peak, --players, --live or --headroom. A scenario that spreads arrivals has a lower peak.',
  },
  'sizing-request-invalid': {
    retry: 'never',
    message: '{what} must be {expected}, but is {found}',
    cause: 'A size follows from numbers; this one has no meaning or is beyond what can be built.',
    remedy: 'Give a value within the limits in the message.',
  },
  'sizing-mix-uncalibrated': {
    retry: 'never',
    message: 'The load has "{kind}", of which the calibration has no cost',
    cause: 'The calibration was cut short, or the mix has a kind that its release did not know.',
    remedy: 'Run "hunt calibrate" again, with more --seconds; or leave the kind out of the mix.',
  },
  'sizing-calibration-unreadable': {
    retry: 'never',
    message: '{file} is no calibration: {reason}',
    cause: 'A size is computed from what "hunt calibrate" wrote, of this release.',
    remedy: 'Run "hunt calibrate --out FILE" on a machine of the kind that is to be used.',
  },
  'sizing-calibration-unsupported': {
    retry: 'never',
    message: 'The processor time of the threads of process {pid} is not told here: {reason}',
    cause: 'It is read from /proc, which only Linux has.',
    remedy: 'Calibrate on Linux, on a machine of the kind that is to be used.',
  },
  'sizing-calibration-slow': {
    retry: 'later',
    message:
      'After {seconds} s the calibration was at {part}; it should have ended after about {wanted} s ({others} % of the cores were used by others)',
    cause: 'Something else runs on the machine, so that what would be measured is not its own.',
    remedy: 'End it and try again; on a machine that is always slow, give more --seconds.',
  },
  'sizing-calibration-failed': {
    retry: 'later',
    message: 'Nothing of "{kind}" was answered: {reason}',
    cause: 'All of it was refused or not answered in time, so that it has no rate to measure.',
    remedy: 'Try again on a quieter machine; "hunt doctor" says what limits a server.',
  },
});
