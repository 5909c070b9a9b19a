// A tiny server for tests of the console without a bank: the built files under the real content security policy, and examples
// of answers. Each file beside this one that exports `routes` takes part.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type Asked, Reply, type Route } from './route';

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const COOKIE = 'florin_session';
const BODY_BYTES_MAX = 1_000_000;

const dist = join(import.meta.dirname, '../../dist');
const modules = import.meta.glob<{ routes?: Route[] }>('./*.ts', { eager: true });
const routes = Object.values(modules).flatMap((module) => module.routes ?? []);

const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json' };

export async function standIn(port = 0): Promise<{ url: string; stop: () => void }> {
  const server: Server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, stop: () => server.close() };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://stand-in');
  if (url.pathname.startsWith('/v1/')) await answer(request, response, url);
  else await file(response, url.pathname);
}

async function file(response: ServerResponse, path: string): Promise<void> {
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, '');
  const named = extname(wanted) ? wanted : '/index.html';
  const bytes = await readFile(join(dist, named)).catch(() => undefined);
  if (!bytes) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': types[extname(named)] ?? 'application/octet-stream', 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' }).end(bytes);
}

async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const method = (request.method ?? 'GET').toLowerCase();
  const found = routes.map((route) => ({ route, path: match(route, method, url.pathname) })).filter((each) => each.path !== undefined).sort((a, b) => Object.keys(a.path ?? {}).length - Object.keys(b.path ?? {}).length)[0];
  const asked: Asked = { path: found?.path ?? {}, query: url.searchParams, body: await bodyOf(request), signedIn: (request.headers.cookie ?? '').includes(COOKIE) };
  const reply = decide(found?.route, asked, method, request);
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-request-id': 'stand-in-1', ...reply.headers };
  const bytes = reply.body === undefined ? undefined : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  response.writeHead(reply.status, headers).end(bytes);
}

function decide(route: Route | undefined, asked: Asked, method: string, request: IncomingMessage): Reply {
  if (method !== 'get' && request.headers['x-florin'] !== '1') return Reply.problem(403, 'header', 'the header `x-florin` is missing');
  if (!route) return Reply.problem(404, 'unknown', 'the stand-in has no such route');
  if (!asked.signedIn && !route.path.startsWith('/v1/sign-in')) return Reply.problem(401, 'signed_out', 'sign in');
  const said = route.answer(asked);
  if (said instanceof Reply) return said;
  return said === undefined ? new Reply(204) : new Reply(200, said);
}

function match(route: Route, method: string, path: string): Record<string, string> | undefined {
  if (route.method !== method) return undefined;
  const wanted = route.path.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [nth, part] of wanted.entries()) {
    const value = decodeURIComponent(given[nth] ?? '');
    if (part.startsWith('{')) values[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return values;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw new Error('too long');
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString();
  return text ? JSON.parse(text) : undefined;
}

