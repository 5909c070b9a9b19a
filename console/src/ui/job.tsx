// Long work as it goes on: told by the server as it moves; asked for now and then where such a stream does not get through.

import { Button, Popconfirm, Progress } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { ErrorNote } from './async';
import { Pill, type Tone } from './pill';
import { Num } from './values';

export type Job = components['schemas']['Job'];
type JobState = components['schemas']['JobState'];

const POLL_MS = 2_000;
/** Streams that broke so often are given up for asking. */
const STREAM_FAILURES_MAX = 3;

const ended: readonly JobState[] = ['done', 'failed', 'cancelled', 'interrupted'];
export const hasEnded = (job: Job | undefined) => job !== undefined && ended.includes(job.state);

const tones: Record<JobState, Tone> = { waiting: 'plain', running: 'info', done: 'good', failed: 'bad', cancelled: 'plain', interrupted: 'warn' };

export const jobKey = (id: string) => ['job', id] as const;

export function useJob(id: string) {
  const streams = useJobStream(id);
  return useQuery({
    queryKey: jobKey(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/jobs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (streams || hasEnded(state.data) ? false : POLL_MS),
  });
}

/** Puts what the stream tells into the query's place. Says whether the stream works. */
function useJobStream(id: string): boolean {
  const queries = useQueryClient();
  const [works, setWorks] = useState(false);
  useEffect(() => {
    if (hasEnded(queries.getQueryData<Job>(jobKey(id)))) return;
    let failures = 0;
    const stream = new EventSource(`/v1/jobs/${encodeURIComponent(id)}/events`);
    stream.addEventListener('job', (event) => {
      failures = 0;
      setWorks(true);
      const job = JSON.parse((event as MessageEvent<string>).data) as Job;
      queries.setQueryData(jobKey(id), job);
      if (hasEnded(job)) stream.close();
    });
    stream.addEventListener('error', () => {
      failures += 1;
      setWorks(false);
      if (failures >= STREAM_FAILURES_MAX) stream.close();
    });
    return () => stream.close();
  }, [id, queries]);
  return works;
}

interface JobProgressProps {
  id: string;
  /** Called once when it has ended: to ask anew for what it changed. */
  onEnd?: (job: Job) => void;
}

export function JobProgress({ id, onEnd }: JobProgressProps) {
  const { t } = useTranslation('common');
  const { data: job, error, refetch } = useJob(id);
  const over = hasEnded(job);
  useEffect(() => {
    if (job && over) onEnd?.(job);
    // Once for each end, however often the caller makes its listener anew.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [over]);
  if (!job) return error ? <ErrorNote error={error} retry={() => void refetch()} /> : null;
  return (
    <div className="job" role="group" aria-label={t('job.label', { what: t(`job.kind.${job.what.kind}`) })}>
      <div className="job-head">
        <span className="row">
          <strong>{t(`job.kind.${job.what.kind}`)}</strong>
          <Pill tone={tones[job.state]}>{t(`job.state.${job.state}`)}</Pill>
        </span>
        {!over && <Cancel id={id} />}
      </div>
      {!over && <Step job={job} />}
      {job.outcome && <p className={job.state === 'failed' ? 'delta-bad' : 'quiet'}>{job.outcome}</p>}
    </div>
  );
}

function Step({ job }: { job: Job }) {
  const { t } = useTranslation('common');
  const { step } = job;
  if (!step) return <p className="quiet">{t('job.queued')}</p>;
  const percent = step.total ? Math.floor((100 * step.done) / step.total) : undefined;
  return (
    <>
      {percent !== undefined && <Progress percent={percent} size="small" aria-label={step.name} />}
      <p className="quiet" aria-live="polite">
        {step.name} · <Num value={step.done} />
        {step.total ? <> / <Num value={step.total} /></> : null} {step.unit}
      </p>
    </>
  );
}

function Cancel({ id }: { id: string }) {
  const { t } = useTranslation('common');
  const stop = useMutation({ mutationFn: () => ask(api.DELETE('/v1/jobs/{id}', { params: { path: { id } } })) });
  return (
    <Popconfirm title={t('job.cancelSure')} okText={t('job.cancel')} cancelText={t('back')} onConfirm={() => stop.mutate()}>
      <Button size="small" loading={stop.isPending}>
        {t('job.cancel')}
      </Button>
    </Popconfirm>
  );
}
