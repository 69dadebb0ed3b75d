import { defineCommand } from '../arguments/command.ts';
import { switchFlag, textFlag } from '../arguments/flag.ts';

export const loadCommand = defineCommand({
  name: 'load',
  summary: 'Sends the load of a scenario to a server, and judges what comes back',
  args: { placeholder: 'FILE', text: 'The scenario, as docs/load.md tells.', least: 1, most: 1 },
  flags: {
    target: textFlag('URL', 'A running server. Without it, it starts one of its own.'),
    knee: switchFlag('Raises the rate until the server no longer follows, and says where.'),
    report: textFlag('FILE', 'Writes an HTML page with plots, over an old one.'),
    compare: textFlag('FILE', 'What --json printed of an earlier run of the same load.'),
    export: textFlag('k6|jmeter', 'Prints a script or plan for another tool, and sends nothing.'),
    check: switchFlag('Only says what is wrong with the scenario, or what it would send.'),
    json: switchFlag('One JSON object: the whole run, to be compared with later ones.'),
  },
  notes: [
    'A server of somebody else needs an organiser key in HUNT_ORGANISER_KEY, unless it has the hunt already and nobody scans. Its limits hold: joins from one address are let in at its own pace.',
    'Latencies count from when each arrival was due, whatever the server did before. A generator that could not keep up says so, and then nothing is said of the server.',
    'Exits with 0 when all objectives are met or none is stated, with 1 when one is missed or --compare finds a figure worse beyond noise, and with 3 when the generator was saturated.',
  ],
  async run({ flags, args, terminal }) {
    const file = args[0]!;
    if (flags.export !== undefined) {
      const { exportScenario } = await import('./load-export.ts');
      return exportScenario({ file, target: flags.target, tool: flags.export }, terminal);
    }
    const { checkScenario, runScenario } = await import('./load-scenario-run.ts');
    return flags.check
      ? checkScenario({ file, json: flags.json }, terminal)
      : runScenario({ ...flags, file }, terminal);
  },
});
