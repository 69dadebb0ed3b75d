// npm run deploy:image [-- --out FILE]: builds the image without a daemon and without a registry of images, as root on
// Debian, and writes it to a file for `docker load`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readCommandLine } from '../command-line.ts';
import { repositoryRoot } from '../repository.ts';
import { buildImage } from './image.ts';
import { ImageStore, whyNoImages } from './image-store.ts';

const manifest = readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };
const file = `dist/hunt-${version}-image.tar`;
const { out } = readCommandLine({
  command: 'npm run deploy:image --',
  summary: 'Builds the image, as root on Debian.',
  options: { out: { takes: 'FILE', default: file, text: 'where it is written' } },
});

const reason = whyNoImages();
if (reason !== false) {
  console.error(`No image can be built here (${reason}).`);
  process.exit(1);
}
const revision = execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
  ...{ cwd: repositoryRoot, encoding: 'utf8' },
}).trim();
console.log('It takes half a minute, and a minute at the first time on this machine.');
const started = performance.now();
const store = new ImageStore();
try {
  const image = await buildImage(store, revision);
  const archive = path.resolve(out);
  mkdirSync(path.dirname(archive), { recursive: true });
  await store.save(image, archive, `hunt:${version}`);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  const size = (statSync(archive).size / 2 ** 20).toFixed(0);
  console.log(`${archive}  hunt:${version} of ${revision}, ${size} MiB, ${seconds} s`);
} finally {
  store.remove();
}
