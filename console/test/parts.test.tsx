// Shared parts as people meet them: waiting, empty, failed, stale; long work.

import { QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import type { ReactNode } from 'react';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/error';
import { newQueryClient } from '../src/api/queries';
import { i18n, startI18n } from '../src/i18n';
import { type Asked, Async, Empty } from '../src/ui/async';
import { type Job, JobProgress } from '../src/ui/job';
import { Num, When } from '../src/ui/values';

const server = setupServer();
const at = (path: string) => `${location.origin}${path}`;

beforeAll(async () => {
  server.listen({ onUnhandledRequest: 'error' });
  await startI18n();
  await i18n.changeLanguage('en');
});
afterEach(() => {
  server.resetHandlers();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
afterAll(() => server.close());

const asked = (more: Partial<Asked<string[]>>): Asked<string[]> => ({ data: undefined, error: null, isPending: true, isFetching: false, refetch: () => {}, ...more });
const problem = new ApiError({ status: 403, code: 'refused', detail: 'this purpose may not see it', request_id: 'r-9' });
const list = (names: string[]) => <ul>{names.map((name) => <li key={name}>{name}</li>)}</ul>;

describe('a part that asks', () => {
  test('shows no grey bars before 300 ms', () => {
    vi.useFakeTimers();
    const { container } = render(<Async of={asked({})}>{list}</Async>);
    expect(container.querySelector('.ant-skeleton')).toBeNull();
    act(() => void vi.advanceTimersByTime(301));
    expect(container.querySelector('.ant-skeleton')).not.toBeNull();
  });

  test('says why there is nothing, and what next', () => {
    render(<Async of={asked({ data: [] })} empty={<Empty title="No segment yet" next="Define the first" />}>{list}</Async>);
    expect(screen.getByText('No segment yet')).toBeTruthy();
    expect(screen.getByText('Define the first')).toBeTruthy();
  });

  test('that failed says what to do, which request it was, and asks again', () => {
    const refetch = vi.fn();
    render(<Async of={asked({ error: problem, refetch })}>{list}</Async>);
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('this purpose may not see it');
    expect(alert.textContent).toContain('r-9');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(refetch).toHaveBeenCalledOnce();
  });

  test('keeps what it knew when it fails later', () => {
    render(<Async of={asked({ data: ['depositors'], error: problem })}>{list}</Async>);
    expect(screen.getByText('depositors')).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('from before');
  });

  test('marks what is of an earlier question', () => {
    render(<Async of={asked({ data: ['depositors'], isFetching: true, isPlaceholderData: true })}>{list}</Async>);
    expect(screen.getByText('Updating')).toBeTruthy();
  });
});

describe('values', () => {
  test('a number shows its exact value on hover, in the reader’s language', async () => {
    render(<Num value={1_234_567} />);
    expect(screen.getByText('1.23M').title).toBe('1,234,567');
    await act(() => i18n.changeLanguage('zh'));
    expect(screen.getByText('123.46万').title).toBe('1,234,567');
    await act(() => i18n.changeLanguage('en'));
  });

  test('a time can be read by programs', () => {
    const { container } = render(<When at={1_767_288_600_000_000} />);
    expect(container.querySelector('time')?.dateTime).toBe('2026-01-01T17:30:00.000Z');
  });

  test('what is not known is a dash', () => {
    render(<Num value={null} />);
    expect(screen.getByText('—')).toBeTruthy();
  });
});

/** What a browser's EventSource does, driven by the test: happy-dom has none. */
class Stream extends EventTarget {
  static last: Stream | undefined;
  closed = false;
  constructor(readonly url: string) {
    super();
    Stream.last = this;
  }
  close() {
    this.closed = true;
  }
  tell(job: Job) {
    this.dispatchEvent(new MessageEvent('job', { data: JSON.stringify(job) }));
  }
}

const job = (more: Partial<Job>): Job => ({ id: '7', what: { kind: 'ingest', sources: [] }, state: 'running', by: 'dan', asked_at: 0, step: { name: 'core_transaction', unit: 'rows', done: 20, total: 80 }, ...more });
const withQueries = (children: ReactNode) => <QueryClientProvider client={newQueryClient()}>{children}</QueryClientProvider>;

describe('long work', () => {
  beforeEach(() => vi.stubGlobal('EventSource', Stream));

  test('moves as the server tells, and ends once', async () => {
    server.use(http.get(at('/v1/jobs/7'), () => HttpResponse.json(job({}))));
    const onEnd = vi.fn();
    render(withQueries(<JobProgress id="7" onEnd={onEnd} />));
    await screen.findByText('25%');
    act(() => Stream.last?.tell(job({ step: { name: 'core_transaction', unit: 'rows', done: 60, total: 80 } })));
    await screen.findByText('75%');
    act(() => Stream.last?.tell(job({ state: 'done', step: null, outcome: '80 stored' })));
    await screen.findByText('80 stored');
    expect(onEnd).toHaveBeenCalledOnce();
    expect(Stream.last?.closed).toBe(true);
    expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
  });

  test('is asked for where the stream does not get through', async () => {
    const answers = [job({}), job({ state: 'failed', step: null, outcome: 'the file is not there' })];
    server.use(http.get(at('/v1/jobs/7'), () => HttpResponse.json(answers.length > 1 ? answers.shift() : answers[0])));
    render(withQueries(<JobProgress id="7" />));
    await screen.findByText('25%');
    act(() => {
      for (let failures = 0; failures < 3; failures += 1) Stream.last?.dispatchEvent(new Event('error'));
    });
    expect(Stream.last?.closed).toBe(true);
    await screen.findByText('the file is not there', undefined, { timeout: 10_000 });
  });

  test('is stopped when somebody is sure', async () => {
    const stopped: string[] = [];
    server.use(
      http.get(at('/v1/jobs/7'), () => HttpResponse.json(job({}))),
      http.delete(at('/v1/jobs/7'), () => {
        stopped.push('7');
        return new HttpResponse(null, { status: 204 });
      }),
    );
    render(withQueries(<JobProgress id="7" />));
    fireEvent.click(await screen.findByRole('button', { name: 'Stop' }));
    const [, sure] = await screen.findAllByRole('button', { name: 'Stop' });
    if (sure) fireEvent.click(sure);
    await waitFor(() => expect(stopped).toEqual(['7']));
  });
});
