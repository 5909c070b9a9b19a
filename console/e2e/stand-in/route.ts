// Answers of a stand-in for the server, typed by the contract: `npm run typecheck` finds what no longer fits.

import type { components, paths } from '../../src/api/schema';

export type Schemas = components['schemas'];
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a path answers to a method. */
export type Answer<P extends keyof paths, M extends Method> = paths[P] extends { [K in M]: { responses: { 200: { content: { 'application/json': infer Body } } } } } ? Body : undefined;

export interface Asked {
  /** Values of the path's parameters. */
  path: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
  /** Whether the session's cookie came along. */
  signedIn: boolean;
}

/** An answer other than 200 with JSON. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body?: unknown,
    readonly headers: Record<string, string> = {},
  ) {}

  static problem(status: number, code: string, detail: string): Reply {
    return new Reply(status, { type: 'about:blank', title: code, status, code, detail, request_id: 'stand-in-1' }, { 'content-type': 'application/problem+json' });
  }
}

export interface Route {
  method: Method;
  path: string;
  answer: (asked: Asked) => unknown;
}

/** `on('get', '/v1/me', me)`, or a function of what was asked. */
export function on<M extends Method, P extends keyof paths>(method: M, path: P, answer: Answer<P, M> | Reply | ((asked: Asked) => Answer<P, M> | Reply)): Route {
  return { method, path, answer: typeof answer === 'function' ? (answer as Route['answer']) : () => answer };
}

/** Microseconds of a moment; examples stand still. */
export const at = (moment: string) => Date.parse(moment) * 1000;
