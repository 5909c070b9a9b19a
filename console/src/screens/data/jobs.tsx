// Long work: what goes on and what came of what has ended.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { hasEnded, type Job, JobProgress } from '@/ui/job';
import { Page, Panel } from '@/ui/page';
import { Pill, type Tone } from '@/ui/pill';
import { When } from '@/ui/values';
import { jobsQuery } from './queries';
import './data.css';

const tones: Record<Job['state'], Tone> = { waiting: 'plain', running: 'info', done: 'good', failed: 'bad', cancelled: 'plain', interrupted: 'warn' };

export function JobsScreen() {
  const { t } = useTranslation('data');
  const queries = useQueryClient();
  const jobs = useQuery({ ...jobsQuery, refetchInterval: 10_000 });
  return (
    <Page title={t('jobs.title')} about={t('jobs.about')}>
      <Async of={jobs} empty={<Panel><Empty title={t('jobs.none')} next={t('jobs.noneNext')} /></Panel>}>
        {(all) => {
          const open = all.filter((job) => !hasEnded(job));
          return (
            <div className="stack">
              {open.length > 0 && (
                <Panel title={t('jobs.open')}>
                  <div className="stack">{open.map((job) => <JobProgress key={job.id} id={job.id} onEnd={() => void queries.invalidateQueries({ queryKey: ['jobs'] })} />)}</div>
                </Panel>
              )}
              <Panel title={t('jobs.ended')} flush><Ended jobs={all.filter(hasEnded)} /></Panel>
            </div>
          );
        }}
      </Async>
    </Page>
  );
}

function Ended({ jobs }: { jobs: Job[] }) {
  const { t } = useTranslation('data');
  return (
    <DataTable<Job>
      rowKey="id"
      size="small"
      dataSource={jobs}
      locale={{ emptyText: <Empty title={t('jobs.none')} /> }}
      pagination={jobs.length > 25 ? { pageSize: 25 } : false}
      columns={[
        { title: t('jobs.what'), key: 'what', render: (_, job) => <span className="named"><span>{t(`common:job.kind.${job.what.kind}`)}</span><span className="quiet small">{objectOf(job)}</span></span> },
        { title: t('loads.state'), key: 'state', render: (_, job) => <Pill tone={tones[job.state]}>{t(`common:job.state.${job.state}`)}</Pill> },
        { title: t('jobs.by'), dataIndex: 'by' },
        { title: t('jobs.asked'), key: 'asked', render: (_, job) => <When at={job.asked_at} /> },
        { title: t('jobs.endedAt'), key: 'ended', render: (_, job) => <When at={job.ended_at} /> },
        { title: t('jobs.outcome'), key: 'outcome', render: (_, job) => <span className="outcome-words">{job.outcome}</span> },
      ]}
    />
  );
}

function objectOf({ what }: Job): string {
  if (what.kind === 'train') return what.model;
  return 'sources' in what ? (what.sources ?? []).join(', ') : '';
}
