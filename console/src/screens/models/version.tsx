// One version of a model: its card, what was done with it, and what may be done.

import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Dropdown, Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/app/session';
import { useMode } from '@/theme/mode';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Figure, Figures, Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, useLanguage, When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { ActDialog, type ActKind } from './act-dialog';
import { State } from './models';
import { driftTones, type Model, modelQuery } from './queries';
import { versionRoute } from './routes';
import './models.css';

export function VersionScreen() {
  const { t } = useTranslation('models');
  const { name, version } = versionRoute.useParams();
  const say = useSay();
  const model = useQuery(modelQuery(name, version));
  const [act, setAct] = useState<ActKind>();
  const line = model.data?.line;
  return (
    <Page title={line ? say(line.meaning) || name : name} about={<span className="row"><code>{name}</code> {t('version', { version })} {line && <State line={line} />}</span>} crumbs={[{ label: t('title'), to: '/models' }]} actions={line && <Acts state={line.state ?? ''} held={line.held_back_by.length > 0} begin={setAct} />}>
      <Async of={model}>{(data) => <Parts model={data} version={version} />}</Async>
      {act && line && <ActDialog kind={act} line={line} version={version} close={() => setAct(undefined)} />}
    </Page>
  );
}

/** What makes sense in each state. The server has the last word, and says why not. */
const offered: Record<string, ActKind[]> = {
  candidate: ['approve', 'refuse'],
  approved: ['promote', 'challenge', 'retire'],
  challenger: ['promote', 'retire'],
  champion: ['rollback', 'retire'],
  retired: ['promote'],
  refused: [],
};

interface ActsProps {
  state: string;
  held: boolean;
  begin: (kind: ActKind) => void;
}

function Acts({ state, held, begin }: ActsProps) {
  const { t } = useTranslation('models');
  const may = useMay('approve');
  const kinds = [...(offered[state] ?? []), ...(held ? (['waive'] as const) : [])];
  const [first, ...rest] = kinds;
  if (!may || !first) return null;
  return (
    <>
      {rest.length > 0 && <Dropdown trigger={['click']} menu={{ items: rest.map((kind) => ({ key: kind, label: t(`act.${kind}`) })), onClick: ({ key }) => begin(key as ActKind) }}><Button>{t('moreActs')}</Button></Dropdown>}
      <Button type="primary" onClick={() => begin(first)}>{t(`act.${first}`)}</Button>
    </>
  );
}

interface PartsProps {
  model: Model;
  version: string;
}

function Parts({ model, version }: PartsProps) {
  const { t } = useTranslation('models');
  const { part = 'card' } = versionRoute.useSearch();
  const navigate = versionRoute.useNavigate();
  const { line } = model;
  return (
    <div className="stack">
      {line.held_back_by.length > 0 && <Alert type="warning" showIcon title={t('heldBack')} description={line.held_back_by.join(t('common:comma'))} />}
      {line.stale.length > 0 && <Alert type="info" showIcon title={t('stale')} description={line.stale.join('; ')} />}
      <Figures>
        {line.headline && <Figure label={line.headline.figure} value={line.headline.value.toFixed(3)} note={`${line.headline.low.toFixed(3)} – ${line.headline.high.toFixed(3)}`} />}
        <Figure label={t('rowsTrained')} value={<Num value={model.train} />} />
        <Figure label={t('rowsTested')} value={<Num value={model.test} />} />
        <Figure label={t('trained')} value={<When at={line.trained_at} as="day" />} note={line.trained_by} />
        <Figure label={t('owner')} value={<span className="figure-text">{line.owner}</span>} note={line.purposes.map((purpose) => t(`common:purpose.${purpose}`)).join(t('common:comma'))} />
      </Figures>
      <Tabs
        activeKey={part}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, part: next as typeof part }), replace: true })}
        destroyOnHidden
        items={[
          { key: 'card', label: t('card'), children: <Card name={line.name} version={version} /> },
          { key: 'acts', label: t('acts'), children: <History model={model} /> },
          { key: 'drift', label: t('drift.title'), children: <DriftTable model={model} /> },
          { key: 'definition', label: t('definition'), children: <Panel title={t('definition')} about={<code>{model.content}</code>}><Toml text={model.definition} /></Panel> },
        ]}
      />
    </div>
  );
}

/** The card is a page of its own: no script, nothing from elsewhere. */
function Card({ name, version }: { name: string; version: string }) {
  const { t } = useTranslation('models');
  const language = useLanguage();
  const theme = useMode();
  const address = `/v1/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}/card?language=${language}&theme=${theme}`;
  return (
    <Panel flush title={t('card')} about={t('cardAbout')} extra={<a href={address} target="_blank" rel="noreferrer">{t('cardAlone')}</a>}>
      <iframe key={address} className="card-frame" src={address} title={t('cardOf', { name, version })} sandbox="" />
    </Panel>
  );
}

export function Toml({ text }: { text: string }) {
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <pre className="definition toml" tabIndex={0}>{text}</pre>;
}

function History({ model }: { model: Model }) {
  const { t, i18n } = useTranslation('models');
  if (model.acts.length === 0) return <Panel><Empty title={t('noActs')} /></Panel>;
  return (
    <Panel title={t('acts')} flush>
      <DataTable
        rowKey={(each) => `${each.at} ${each.act}`}
        size="small"
        dataSource={model.acts.toReversed()}
        columns={[
          { title: t('when'), key: 'at', render: (_, each) => <When at={each.at} /> },
          { title: t('by'), dataIndex: 'by' },
          { title: t('what'), key: 'act', render: (_, each) => <>{i18n.exists(`models:done.${each.act}`) ? t(`done.${each.act}`) : each.act}{each.subject ? ` · ${each.subject}` : ''}</> },
          { title: t('reason'), key: 'reason', render: (_, each) => <span className="reason">{each.reason ?? '—'}</span> },
        ]}
      />
    </Panel>
  );
}

function DriftTable({ model }: { model: Model }) {
  const { t } = useTranslation('models');
  if (model.line.drift.length === 0) return <Panel><Empty title={t('drift.none')} next={t('drift.noneNext')} /></Panel>;
  return (
    <Panel title={t('drift.title')} about={t('drift.about')} flush>
      <DataTable
        rowKey="of"
        size="small"
        dataSource={model.line.drift}
        columns={[
          { title: t('drift.of'), key: 'of', render: (_, each) => <code>{each.of}</code> },
          { title: 'PSI', key: 'psi', align: 'right', sorter: (a, b) => a.psi - b.psi, render: (_, each) => <span className="num">{each.psi.toFixed(3)}</span> },
          { title: t('drift.byChance'), key: 'chance', align: 'right', render: (_, each) => <span className="num quiet">{each.by_chance.toFixed(3)}</span> },
          { title: t('stateTitle'), key: 'drift', render: (_, each) => <Pill tone={driftTones[each.drift] ?? 'plain'}>{t(`drift.${each.drift}`)}</Pill> },
        ]}
      />
    </Panel>
  );
}
