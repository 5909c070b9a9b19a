// All models: which version scores, how good it is, how far it drifted, what holds it back.

import { ExperimentOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/app/session';
import { useBegin } from '@/screens/data/queries';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { JobProgress } from '@/ui/job';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { Interval } from './interval';
import { driftTones, type ModelLine, modelsQuery, stateTones } from './queries';
import { modelsRoute } from './routes';
import './models.css';

const over = new Set(['retired', 'refused']);

export function ModelsScreen() {
  const { t } = useTranslation('models');
  const { all } = modelsRoute.useSearch();
  const navigate = modelsRoute.useNavigate();
  const queries = useQueryClient();
  const models = useQuery(modelsQuery);
  const begin = useBegin();
  const [job, setJob] = useState<string>();
  const train = (model: string) => begin.mutate({ kind: 'train', model }, { onSuccess: ({ id }) => setJob(id) });
  return (
    <Page title={t('title')} about={t('about')}>
      {begin.error && <ErrorNote error={begin.error} />}
      {job && <Panel><JobProgress key={job} id={job} onEnd={() => void queries.invalidateQueries({ queryKey: ['models'] })} /></Panel>}
      <Panel title={t('all')} flush extra={<span className="row"><Switch size="small" checked={all === true} onChange={(on) => void navigate({ search: (before) => ({ ...before, all: on || undefined }), replace: true })} aria-label={t('withOver')} /> {t('withOver')}</span>}>
        <Async of={models} empty={<Empty title={t('none')} next={t('noneNext')} />}>
          {(lines) => <Lines lines={lines.filter((line) => all || !over.has(line.state ?? ''))} train={train} />}
        </Async>
      </Panel>
    </Page>
  );
}

interface LinesProps {
  lines: ModelLine[];
  train: (model: string) => void;
}

function Lines({ lines, train }: LinesProps) {
  const { t } = useTranslation('models');
  const may = useMay('profile');
  return (
    <DataTable<ModelLine>
      rowKey={(line) => `${line.name} ${line.version ?? ''}`}
      dataSource={lines}
      pagination={lines.length > 40 ? { pageSize: 40 } : false}
      columns={[
        { title: t('model'), key: 'name', sorter: (a, b) => a.name.localeCompare(b.name), render: (_, line) => <Name line={line} /> },
        { title: t('stateTitle'), key: 'state', render: (_, line) => <State line={line} /> },
        { title: t('headline'), key: 'headline', render: (_, line) => (line.headline ? <Interval of={line.headline} /> : <span className="quiet">—</span>) },
        { title: t('drift.title'), key: 'drift', render: (_, line) => <Drift line={line} /> },
        { title: t('heldBack'), key: 'held', render: (_, line) => <Guards line={line} /> },
        { title: t('trained'), key: 'trained', sorter: (a, b) => (a.trained_at ?? 0) - (b.trained_at ?? 0), render: (_, line) => <span className="named"><When at={line.trained_at} as="near" /><span className="quiet small">{line.trained_by}</span></span> },
        ...(may ? [{ title: <span className="visually-hidden">{t('train')}</span>, key: 'train', render: (_: unknown, line: ModelLine) => <Button size="small" icon={<ExperimentOutlined />} onClick={() => train(line.name)} aria-label={t('trainOf', { model: line.name })} title={t('train')} /> }] : []),
      ]}
    />
  );
}

function Name({ line }: { line: ModelLine }) {
  const { t } = useTranslation('models');
  const say = useSay();
  const title = say(line.meaning) || line.name;
  return (
    <span className="named model-name">
      {line.version ? <Link to="/models/$name/$version" params={{ name: line.name, version: String(line.version) }}>{title}</Link> : <span>{title}</span>}
      <span className="quiet small"><code>{line.name}</code>{line.version ? ` · ${t('version', { version: line.version })}` : ''} · {line.owner}</span>
    </span>
  );
}

export function State({ line }: { line: ModelLine }) {
  const { t } = useTranslation('models');
  return (
    <span className="row">
      <Pill tone={stateTones[line.state ?? ''] ?? 'plain'}>{line.state ? t(`state.${line.state}`) : t('state.never')}</Pill>
      {line.state && line.stale.length > 0 && <Pill tone="warn" title={line.stale.join('\n')}>{t('stale')}</Pill>}
    </span>
  );
}

function Drift({ line }: { line: ModelLine }) {
  const { t } = useTranslation('models');
  const [worst] = line.drift;
  if (!worst) return <span className="quiet">—</span>;
  return (
    <span className="named">
      <span><Pill tone={driftTones[worst.drift] ?? 'plain'}>{t(`drift.${worst.drift}`)}</Pill></span>
      <span className="quiet small num">{worst.of} · PSI {worst.psi.toFixed(2)}</span>
    </span>
  );
}

function Guards({ line }: { line: ModelLine }) {
  const { t } = useTranslation('models');
  if (line.held_back_by.length === 0 && line.waived.length === 0) return <span className="quiet">{t('nothing')}</span>;
  return (
    <span className="row">
      {line.held_back_by.map((guard) => <Pill key={guard} tone="bad">{guard}</Pill>)}
      {line.waived.map((guard) => <Pill key={guard} tone="plain" title={t('waived')}>{guard} ({t('waived')})</Pill>)}
    </span>
  );
}
