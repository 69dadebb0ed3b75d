import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageHeaders } from '../security-headers.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Addresses of pages that are not called like their files. */
const pageFiles: Readonly<Record<string, string>> = { '/': 'index.html', '/board': 'board.html' };

interface Page {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Serves the web pages from memory: the files under `root` that have a known type, read once. */
export function servePages(app: FastifyInstance, root: URL): void {
  const folder = fileURLToPath(root);
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const mediaType = mediaTypes[extname(file)];
    if (mediaType === undefined) continue;
    const page = readPage(new URL(file, withSlash(root)), mediaType);
    const name = file.replaceAll('\\', '/');
    for (const url of addressesOf(name)) {
      app.get(url, (request, reply) => sendPage(request, reply, page));
    }
  }
}

function withSlash(root: URL): URL {
  return root.href.endsWith('/') ? root : new URL(`${root.href}/`);
}

function addressesOf(file: string): string[] {
  const pages = Object.entries(pageFiles).filter(([, page]) => page === file);
  return pages.length > 0 ? pages.map(([url]) => url) : [`/${file}`];
}

function readPage(file: URL, mediaType: string): Page {
  const bytes = readFileSync(file);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { mediaType, bytes, etag };
}

function sendPage(request: FastifyRequest, reply: FastifyReply, page: Page): void {
  reply.headers({ ...pageHeaders, etag: page.etag, 'cache-control': 'no-cache' });
  if (request.headers['if-none-match'] === page.etag) reply.code(304).send();
  else reply.header('content-type', page.mediaType).send(page.bytes);
}
