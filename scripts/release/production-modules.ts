/** What package-lock.json (version 3) says of a package, as far as it is looked at here. */
interface LockedPackage {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

export interface ProductionModules {
  /** Folders of packages, such as `node_modules/ws`; those within another are not named again. */
  readonly folders: readonly string[];
  /** Folders of ours by the link that leads to them: `node_modules/veltrix` to `packages/veltrix`. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * What a workspace needs to run, found as Node finds it: in its own `node_modules`, then in those above. Optional
 * packages that are not locked, or that `isThere` does not have, are for other platforms. Throws on any other that is missing.
 */
export function productionModules(
  locked: LockedPackages,
  workspace: string,
  isThere: (folder: string) => boolean,
): ProductionModules {
  const folders = new Set<string>();
  const links = new Map<string, string>();
  const seen = new Set<string>();
  const open = [workspace];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = locked[place]!;
    const needed = { ...peerDependencies, ...dependencies };
    for (const name of Object.keys({ ...needed, ...optionalDependencies })) {
      const found = whereIs(name, place, locked);
      const isOptional = name in optionalDependencies || !(name in dependencies);
      if (found === undefined || !(locked[found]!.link === true || isThere(found))) {
        if (isOptional) continue;
        throw new Error(`${place} needs ${name}, which is not installed: npm ci`);
      }
      const { link, resolved } = locked[found]!;
      if (link === true) links.set(found, resolved!);
      else folders.add(found);
      open.push(link === true ? resolved! : found);
    }
  }
  const outer = [...folders].filter(
    (folder) => !folders.has(folder.slice(0, folder.lastIndexOf('/node_modules/'))),
  );
  return { folders: outer.sort(), links };
}

function whereIs(name: string, from: string, locked: LockedPackages): string | undefined {
  for (let folder = from; ; ) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (locked[place] !== undefined) return place;
    if (folder === '') return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    if (folder.endsWith('/node_modules') || folder === 'node_modules') {
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    }
  }
}
