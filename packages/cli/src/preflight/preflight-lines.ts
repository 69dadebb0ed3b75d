import type { Finding, PreflightReport } from '@hunt/engine/preflight';
import { wrap } from '../arguments/help.ts';
import { painter, type Terminal } from '../terminal/terminal.ts';

/** A line for each finding, folded where the terminal is narrow; then what was judged, and what could not be asked. */
export function preflightLines(
  { findings, checked, unasked }: PreflightReport,
  terminal: Pick<Terminal, 'columns' | 'outIsTerminal' | 'errIsTerminal' | 'env'>,
): string {
  const paint = painter(terminal as Terminal, 'out');
  const lines = findings.map((finding) => {
    const { severity } = finding;
    const line = wrap(findingText(finding), terminal.columns, '  ', '');
    return line.replace(severity, paint(severity === 'refuses' ? 'red' : 'yellow', severity));
  });
  for (const { what, reason, rules } of unasked) {
    const waiting = `${rules.length} ${rules.length === 1 ? 'rule waits' : 'rules wait'} for it`;
    const line = wrap(`unasked ${what}: ${reason}; ${waiting}`, terminal.columns, '  ', '');
    lines.push(line.replace('unasked', paint('yellow', 'unasked')));
  }
  lines.push(wrap(summary({ findings, checked, unasked }), terminal.columns));
  return `${lines.join('\n')}\n`;
}

function findingText({ id, severity, values, change, others }: Finding): string {
  const [one, other] = values.map(({ what, value, source }) => `${what}: ${value} (${source})`);
  const more = others === 0 ? '' : ` And ${others} more of this kind.`;
  return `${severity} ${id} ${one}; ${other}. ${change}${more}`;
}

function summary({ findings, checked, unasked }: PreflightReport): string {
  const refusals = findings.filter(({ severity }) => severity === 'refuses').length;
  const warnings = findings.length - refusals;
  const told =
    findings.length === 0
      ? 'nothing is wrong'
      : `${refusals} ${refusals === 1 ? 'finding keeps' : 'findings keep'} a process from starting, ${warnings} ${warnings === 1 ? 'warns' : 'warn'}`;
  const rest = unasked.length === 0 ? '' : ' with what could be asked';
  return `${checked.length} rules were judged: ${told}${rest}`;
}
