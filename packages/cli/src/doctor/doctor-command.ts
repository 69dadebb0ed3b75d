import { defineCommand } from '../arguments/command.ts';
import { numberFlagOr, switchFlag } from '../arguments/flag.ts';
import { longWork } from '../terminal/long-work.ts';
import { askedProcesses, nothingMeasured, processFlags } from './asked-processes.ts';
import { doctorExitCode } from './doctor-exit-code.ts';
import { doctorLines } from './doctor-lines.ts';

/** Pages of all of them are kept until the end. */
const looksMax = 11;

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Says what limits a running deployment now, by which numbers, and what helps',
  flags: {
    ...processFlags,
    seconds: numberFlagOr('N', 'For how long to look.', { least: 2, most: 300 }, 5),
    json: switchFlag('One JSON object: {limit, others, headroom, unread, unjudged, unknown, ...}.'),
  },
  notes: [
    'Only metrics are read; nothing is changed. Look while there is load. docs/doctor.md lists every cause.',
    'Exits with 1 when something limits it, with 4 when something only threatens to, and with 69 when nothing was found but something could not be read.',
  ],
  async run({ flags, terminal }) {
    const { allCauses, diagnose, watchProcesses } = await import('@hunt/engine/diagnosis');
    const { seconds, json } = flags;
    const { processes, gone, areAll } = await askedProcesses({ command: 'doctor', ...flags });
    return longWork(terminal, json, async ({ signal }) => {
      const looks = Math.min(looksMax, seconds + 1);
      const watched = await watchProcesses({ processes, seconds, looks, signal });
      const unread = [...gone, ...watched.unread];
      if (watched.processes.length === 0) throw nothingMeasured(unread);
      const diagnosis = diagnose(allCauses, { ...watched, unread, areAll });
      if (json) terminal.out(`${JSON.stringify(diagnosis)}\n`);
      else terminal.out(doctorLines(diagnosis, terminal));
      return doctorExitCode(diagnosis);
    });
  },
});
