import type { ClusterControlOptions, SettingsControl } from '@hunt/engine/control';
import type { ConfigDocument } from 'veltrix/cluster';
import type { ClusterSetting, Target } from 'veltrix/config';
import { requiredTextFlag } from '../arguments/flag.ts';
import { operator } from '../cluster/asked-cluster.ts';
import { knownRole } from './asked-settings.ts';

export const whyFlag = requiredTextFlag('TEXT', 'Why; kept with the change.');

/** Joins the cluster that the file describes for as long as `ask` takes. */
export async function askSettings<Result>(
  asked: Omit<ClusterControlOptions, 'by'>,
  ask: (control: SettingsControl) => Promise<Result>,
): Promise<Result> {
  const { openSettingsControl } = await import('@hunt/engine/control');
  const control = await openSettingsControl({ ...asked, by: operator() });
  try {
    return await ask(control);
  } finally {
    await control.close();
  }
}

interface Asked {
  readonly role: string | undefined;
  readonly node: string | undefined;
  readonly hunt: string | undefined;
}

/** For whom a value is to be; undefined for all. Throws `cli-flags-exclusive`, `cli-flag-value-invalid`. */
export async function askedTarget({ role, node, hunt }: Asked): Promise<Target | undefined> {
  const targets: Target[] = [];
  if (role !== undefined) targets.push({ kind: 'role', of: await knownRole(role) });
  if (node !== undefined) targets.push({ kind: 'node', of: node });
  if (hunt !== undefined) targets.push({ kind: 'hunt', of: hunt });
  const [target, other] = targets;
  if (target === undefined || other === undefined) return target;
  const { cliErrors } = await import('../errors.ts');
  throw cliErrors.create('cli-flags-exclusive', {
    one: `--${target.kind}`,
    other: `--${other.kind}`,
  });
}

export function targetText(target: Target | undefined): string {
  return target === undefined ? 'all' : `${target.kind} ${target.of}`;
}

/** As in "version 3, 2026-11-21 18:40:05 UTC, ada@desk". */
export function versionText({ version, at, by }: ConfigDocument): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  return `version ${version}, ${time} UTC, ${by}`;
}

/** What a change says of those that are read at start only; empty when there are none. */
export async function startNote(settings: readonly ClusterSetting[]): Promise<string> {
  const { engineSchema } = await import('@hunt/engine');
  const names = settings.map(({ name }) => name);
  const late = names.filter((name) => engineSchema.properties.get(name)?.dynamic !== true);
  if (late.length === 0) return '';
  return `${[...new Set(late)].join(', ')}: counts when a node is started.`;
}
