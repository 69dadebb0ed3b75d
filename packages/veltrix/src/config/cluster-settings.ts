import type { ConfigDocument } from '../coordination/config-source.ts';
import { DocumentShape } from '../coordination/document-shape.ts';
import { type Layer, type LayerEntry, type Target, targetKinds } from './config-layer.ts';

/** The key of the configuration source that holds what the cluster says of settings, as one document. */
export const clusterSettingsKey = 'cluster.settings';

/** A value that the cluster keeps: a text as on the command line, for all or for some. */
export interface ClusterSetting {
  readonly name: string;
  readonly value: string;
  readonly target?: Target;
}

/** As in `{"settings":[{"name":"gateway.waitMaxMs","value":"2s","node":"two"}]}`. */
export function encodeClusterSettings(settings: readonly ClusterSetting[]): string {
  const rows = settings.map(({ name, value, target }) => ({
    ...{ name, value },
    ...(target && { [target.kind]: target.of }),
  }));
  return JSON.stringify({ settings: rows });
}

/** Throws `veltrix-coordination-damaged`. Whether the names and values can be is not looked at. */
export function decodeClusterSettings(text: string): ClusterSetting[] {
  const shape = DocumentShape.parse(`the configuration key ${clusterSettingsKey}`, text);
  return shape
    .field('settings')
    .items()
    .map((row) => {
      const [kind] = targetKinds.filter((known) => row.field(known).optional());
      const target = kind && { kind, of: row.field(kind).text() };
      const [name, value] = [row.field('name').text(), row.field('value').text()];
      return { name, value, ...(target && { target }) };
    });
}

/**
 * Throws `veltrix-coordination-damaged`.
 *
 * @param place for messages; the version unless told
 */
export function clusterLayer(
  document: Pick<ConfigDocument, 'value' | 'version'>,
  place = `the cluster, version ${document.version}`,
): Layer {
  const entries = decodeClusterSettings(document.value).map(
    ({ name, value, target }): LayerEntry => ({
      name,
      raw: value,
      place,
      ...(target && { target }),
    }),
  );
  return { source: 'cluster', entries, problems: [] };
}
