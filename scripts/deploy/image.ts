import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../repository.ts';
import { makeBaseImages, packageCacheMount } from './base-images.ts';
import type { ImageStore } from './image-store.ts';
import { cacheFolder } from './tools.ts';

const containerFile = path.join(repositoryRoot, 'deploy/container/Dockerfile');

/**
 * Builds the engine's image from the container file as it is, on base images made here, and returns its name in the
 * store. Packages come from the registry, or are those of an earlier build. Throws what a tool that is missing, or a
 * build that failed, says.
 */
export async function buildImage(store: ImageStore, revision: string): Promise<string> {
  const image = 'localhost/hunt';
  const [, suite] = /^ARG RUNTIME_IMAGE=.*\/debian:(\w+)-slim$/m.exec(
    readFileSync(containerFile, 'utf8'),
  )!;
  const base = await makeBaseImages(store, suite!);
  const packages = path.join(cacheFolder(), 'packages');
  mkdirSync(packages, { recursive: true });
  await store.build({
    ...{ image, file: containerFile, context: repositoryRoot },
    arguments: { NODE_IMAGE: base.node, RUNTIME_IMAGE: base.runtime, REVISION: revision },
    mounts: { [packageCacheMount]: packages },
  });
  return image;
}
