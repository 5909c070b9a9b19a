// The layer under all questions: headers, problems, signing in again.

import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { api, ask, whenSignedOut } from '../src/api/client';
import { ApiError } from '../src/api/error';
import { newQueryClient } from '../src/api/queries';

const server = setupServer();
const at = (path: string) => `${location.origin}${path}`;

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const problem = (status: number, code: string) =>
  HttpResponse.json({ type: 'about:blank', title: 'x', status, code, detail: 'what to do', request_id: 'r-1' }, { status, headers: { 'content-type': 'application/problem+json' } });

test('a change carries the header that another origin cannot send', async () => {
  const seen: (string | null)[] = [];
  server.use(http.post(at('/v1/sign-out'), ({ request }) => {
    seen.push(request.headers.get('x-florin'));
    return new HttpResponse(null, { status: 204 });
  }));
  await ask(api.POST('/v1/sign-out'));
  expect(seen).toEqual(['1']);
});

test('a question that reads carries no such header', async () => {
  const seen: (string | null)[] = [];
  server.use(http.get(at('/v1/jobs'), ({ request }) => {
    seen.push(request.headers.get('x-florin'));
    return HttpResponse.json([]);
  }));
  expect(await ask(api.GET('/v1/jobs'))).toEqual([]);
  expect(seen).toEqual([null]);
});

test('a problem becomes an error with its code, its words and the number of the request', async () => {
  server.use(http.get(at('/v1/jobs'), () => problem(403, 'refused')));
  const error = await ask(api.GET('/v1/jobs')).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 403, code: 'refused', message: 'what to do', requestId: 'r-1' });
});

test('a page of something between us and Florin is an error without words', async () => {
  server.use(http.get(at('/v1/jobs'), () => new HttpResponse('<html>Bad gateway</html>', { status: 502, headers: { 'x-request-id': 'r-2' } })));
  await expect(ask(api.GET('/v1/jobs'))).rejects.toMatchObject({ status: 502, code: 'unreadable', requestId: 'r-2', passing: true });
});

test('a server that does not answer is unreachable', async () => {
  server.use(http.get(at('/v1/jobs'), () => HttpResponse.error()));
  await expect(ask(api.GET('/v1/jobs'))).rejects.toMatchObject({ code: 'unreachable', passing: true });
});

test('a session that ended is told once to whoever leads to the sign-in page', async () => {
  const told = vi.fn<(error: ApiError) => void>();
  whenSignedOut(told);
  server.use(http.get(at('/v1/jobs'), () => problem(401, 'signed_out')));
  await expect(ask(api.GET('/v1/jobs'))).rejects.toMatchObject({ status: 401 });
  expect(told).toHaveBeenCalledOnce();
});

test.each([
  [403, 1],
  [503, 3],
])('what is refused with %i is asked %i times', async (status, times) => {
  let asked = 0;
  server.use(http.get(at('/v1/jobs'), () => {
    asked += 1;
    return problem(status, 'x');
  }));
  const client = newQueryClient();
  const question = client.fetchQuery({ queryKey: ['jobs'], queryFn: () => ask(api.GET('/v1/jobs')), retry: client.getDefaultOptions().queries?.retry, retryDelay: 1 });
  await expect(question).rejects.toMatchObject({ status });
  expect(asked).toBe(times);
});
