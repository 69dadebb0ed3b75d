import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
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

/** What the web pages are made of. */
export interface WebFiles {
  /** Their folder: the files in it that have a known type are served, and read at once. */
  readonly root: URL;
  /** Where modules from elsewhere are that few visitors need, by their addresses: looked up and read when first asked for. */
  readonly modules: ReadonlyMap<string, () => URL>;
}

interface Page {
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** Of the bytes, without quotes. */
  readonly version: string;
  /** Compressed; made when first asked for. */
  packed?: Buffer;
}

/** Serves the web pages from memory, each file read once. */
export function servePages(app: FastifyInstance, { root, modules }: WebFiles): void {
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
  for (const [url, whereIs] of modules) {
    let page: Page | undefined;
    app.get(url, (request, reply) => {
      page ??= readPage(whereIs(), mediaTypes['.js']!);
      sendPage(request, reply, page);
    });
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
  const version = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { mediaType, bytes, version };
}

function sendPage(request: FastifyRequest, reply: FastifyReply, page: Page): void {
  const isPacked = takesGzip(request.headers['accept-encoding']);
  const etag = `"${page.version}${isPacked ? '-gzip' : ''}"`;
  reply.headers({ ...pageHeaders, etag, 'cache-control': 'no-cache', vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === etag) {
    reply.code(304).send();
    return;
  }
  reply.header('content-type', page.mediaType);
  if (!isPacked) {
    reply.send(page.bytes);
    return;
  }
  page.packed ??= gzipSync(page.bytes);
  reply.header('content-encoding', 'gzip').send(page.packed);
}

/** Whether a client has named gzip, and not with a weight of none. */
function takesGzip(accepted = ''): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accepted);
}
