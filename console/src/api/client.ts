// The typed client of the server. Types come from its OpenAPI (`npm run generate`), the base address is our own origin.
//
// const customer = await ask(api.GET('/v1/customers/{id}', { params: { path: { id } }, signal }));

import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError } from './error';
import type { paths } from './schema';

/** Another origin's page cannot send this header unasked: the server refuses changes without it. */
const CHANGE_HEADER = 'x-florin';

const marksChanges: Middleware = {
  onRequest: ({ request }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') request.headers.set(CHANGE_HEADER, '1');
    return request;
  },
};

export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  credentials: 'same-origin',
  // Looked up at each call: tests put another `fetch` in its place.
  fetch: (request) => globalThis.fetch(request),
  // `undefined` is left out, lists are repeated: `?kind=a&kind=b`.
  querySerializer: { array: { style: 'form', explode: true } },
});
api.use(marksChanges);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

type Listener = (error: ApiError) => void;
let onSignedOut: Listener = () => {};

/** What happens when the server no longer knows who we are. Set once, by the router. */
export function whenSignedOut(listener: Listener): void {
  onSignedOut = listener;
}

/** The answer's data, or an `ApiError`. */
export async function ask<T>(pending: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await pending.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw ApiError.unreachable(cause);
  });
  if (response.ok) return data as T;
  const problem = ApiError.from(response.status, error, response.headers.get('x-request-id') ?? '');
  if (problem.status === 401) onSignedOut(problem);
  throw problem;
}
