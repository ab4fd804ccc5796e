// The web UI's files: built by Vite into web/dist, served from memory. File names carry content hashes, so they are
// cached for good; index.html never is.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GuardedEnv } from './auth/guard.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  png: 'image/png',
};

interface StaticFile {
  readonly plain: Buffer<ArrayBuffer>;
  readonly zipped: Buffer<ArrayBuffer>;
  readonly type: string;
}

/** Reads the built UI; an empty map when it was not built. Only what is here is ever served: no path is opened later. */
function readUi(folder: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return files;
  }
  for (const name of names) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const plain = Buffer.from(readFileSync(path));
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { plain, zipped: gzipSync(plain), type });
  }
  return files;
}

export function registerUi(app: OpenAPIHono<GuardedEnv>): void {
  const files = readUi(fileURLToPath(new URL('../../web/dist', import.meta.url)));
  for (const [path, file] of files) {
    const isPage = path === '/index.html';
    app.get(isPage ? '/' : path, (c) => {
      c.header('Cache-Control', isPage ? 'no-store' : 'public, max-age=31536000, immutable');
      c.header('Content-Type', file.type);
      c.header('Vary', 'Accept-Encoding');
      if (!c.req.header('accept-encoding')?.includes('gzip')) return c.body(file.plain);
      c.header('Content-Encoding', 'gzip');
      return c.body(file.zipped);
    });
  }
  if (!files.has('/index.html')) {
    app.get('/', (c) =>
      c.text('The web UI is not built. In a checkout: npm run build:web. The API is at /openapi.json.\n'),
    );
  }
}
