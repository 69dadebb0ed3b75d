// The images that ours is built on, made on this machine, so that a build needs no registry of images. They have what
// those in the container file have, as far as a build can tell; they are for building and testing, not for shipping.
import { execFile } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../repository.ts';
import type { ImageStore } from './image-store.ts';
import { installed, type Tool } from './tools.ts';

/** Images that are meant to be small have none of it, either: it is for people. */
const forPeople = ['usr/share/doc', 'usr/share/info', 'usr/share/locale', 'usr/share/man'];
/** Of the machine that it is made on, or of the moment. */
const ofTheMoment = ['dev', 'proc', 'sys', 'var/cache', 'var/lib/apt/lists', 'var/log'];

/** The smallest Debian of a suite, as an archive of its root. */
function debianRoot(suite: string): Tool {
  return {
    ...{ name: 'debian', version: suite, installer: 'debootstrap', debianPackage: 'debootstrap' },
    install: (folder) => {
      const root = path.join(folder, 'root');
      const without = [...forPeople, ...ofTheMoment].map((name) => `--exclude=./${name}/*`);
      const files = ['./etc/hostname', './etc/resolv.conf'].map((name) => `--exclude=${name}`);
      return [
        // It mounts things in there, and does not unmount them when it is killed.
        ['unshare', '--mount', 'debootstrap', '--variant=minbase', suite, root],
        ['tar', '-cf', path.join(folder, 'root.tar'), ...without, ...files, '-C', root, '.'],
        ['rm', '-r', root],
      ];
    },
    program: 'root.tar',
  };
}

/** npm as a folder: images of Node have one of its own, and that of this machine may be spread over it. */
const npmVersion = '11.21.2';
const npmFolder: Tool = {
  ...{ name: 'npm', version: npmVersion, installer: 'npm', debianPackage: 'npm' },
  install: (folder) => [['npm', 'install', '--global', '--prefix', folder, `npm@${npmVersion}`]],
  program: 'lib/node_modules/npm',
};

/** Names of images in a store. */
interface BaseImages {
  /** Node, and npm that asks where npm of this machine asks. */
  readonly node: string;
  readonly runtime: string;
}

/** Where npm in the node image keeps what it downloads: to be mounted. Every Debian has it, and it is empty. */
export const packageCacheMount = '/mnt';

/**
 * Makes both in a store: the given Debian, which is downloaded at the first call on this machine, and on it the
 * project's own Node.
 */
export async function makeBaseImages(store: ImageStore, suite: string): Promise<BaseImages> {
  const images: BaseImages = { node: 'localhost/base-node', runtime: 'localhost/base-debian' };
  const archive = await installed(debianRoot(suite));
  const npm = await installed(npmFolder);
  await store.build({
    ...{ image: images.runtime, context: path.dirname(archive) },
    file: store.file('Debian', `FROM scratch\nADD ${path.basename(archive)} /\n`),
  });
  const settings = store.folder('npm-settings');
  await writeNpmSettings(settings);
  await store.build({
    ...{ image: images.node, context: settings },
    contexts: { node: path.join(repositoryRoot, 'node_modules/node'), npm },
    file: store.file('Node', nodeFile(images.runtime)),
  });
  return images;
}

const nodeFile = (runtime: string) => `FROM ${runtime}
COPY --from=node bin/node /usr/local/bin/node
COPY --from=npm . /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
COPY . /usr/local/etc
`;

/** Which registry npm asks here and whose certificates it trusts; passwords are left where they are. */
async function writeNpmSettings(folder: string): Promise<void> {
  const asked = async (name: string) => {
    const options = { cwd: repositoryRoot };
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', name], options);
    return stdout.trim().replace(/^(null|undefined)$/, '');
  };
  const lines = [`registry=${await asked('registry')}`, `cache=${packageCacheMount}`];
  const authorities = (await asked('cafile')) || process.env['NODE_EXTRA_CA_CERTS'];
  if (authorities) {
    copyFileSync(authorities, path.join(folder, 'npm-authorities.pem'));
    lines.push('cafile=/usr/local/etc/npm-authorities.pem');
  }
  writeFileSync(path.join(folder, 'npmrc'), `${lines.join('\n')}\n`);
}
