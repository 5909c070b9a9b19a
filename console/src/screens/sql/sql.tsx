// Questions in SQL: asked, looked at, traced back to the files they came from, handed out.

import { CaretRightOutlined, ClearOutlined, HistoryOutlined, TableOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Collapse, Drawer, Input, Tabs } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Catalogue, catalogueQuery } from '@/api/catalogue';
import { api, ask } from '@/api/client';
import { type Purpose, usePurpose } from '@/app/purpose';
import { Async, Empty, Waiting } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Written } from '@/ui/condition/conditions';
import { ExportMenu } from '@/ui/export-menu';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { RowsTable } from '@/ui/rows-table';
import { Num, When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { useHistory } from './history';
import { sqlRoute } from './routes';
import './sql.css';

const Editor = lazy(() => import('./editor').then((module) => ({ default: module.Editor })));

const ROWS_MAX = 10_000;

export function SqlScreen() {
  const { t } = useTranslation('sql');
  const { sql = '', as_of } = sqlRoute.useSearch();
  const navigate = sqlRoute.useNavigate();
  const [purpose] = usePurpose();
  const [draft, setDraft] = useState(sql);
  const [run, setRun] = useState(sql === '' ? 0 : 1);
  const [side, setSide] = useState<'history' | 'tables'>();
  const history = useHistory();
  const catalogue = useQuery(catalogueQuery(purpose));
  const go = (text: string) => {
    const asked = text.trim();
    if (asked === '') return;
    history.add(asked);
    setRun(run + 1);
    void navigate({ search: (before) => ({ ...before, sql: asked }), replace: sql === '' });
  };
  return (
    <Page title={t('title')} about={t('about')} actions={<><Button icon={<TableOutlined />} onClick={() => setSide('tables')}>{t('tables')}</Button><Button icon={<HistoryOutlined />} onClick={() => setSide('history')}>{t('history')}</Button></>}>
      <Panel flush className="sql-panel">
        <Suspense fallback={<Waiting />}><Editor key={t('hint') + t('question')} value={draft} change={setDraft} run={() => go(draft)} catalogue={catalogue.data} label={t('question')} hint={t('hint')} /></Suspense>
        <div className="sql-bar">
          <span className="row"><span className="quiet" aria-hidden="true">{t('asOf')}</span><Written key={as_of} type="date" value={as_of ?? ''} label={t('asOf')} change={(next) => void navigate({ search: (before) => ({ ...before, as_of: next || undefined }), replace: true })} /></span>
          <span className="row"><span className="quiet small">{t('keys')}</span><Button type="primary" icon={<CaretRightOutlined />} disabled={draft.trim() === ''} onClick={() => go(draft)}>{t('run')}</Button></span>
        </div>
      </Panel>
      {sql !== '' && run > 0 ? <Answer key={`${sql} ${as_of} ${run}`} sql={sql} as_of={as_of} purpose={purpose} /> : <Panel><Empty title={t('nothing')} next={t('nothingNext')} /></Panel>}
      <Drawer open={side !== undefined} onClose={() => setSide(undefined)} title={t(side === 'tables' ? 'tables' : 'history')} size={460} closable={{ 'aria-label': t('common:back') } as object}>
        {side === 'history' && <History history={history} pick={(text) => { setDraft(text); setSide(undefined); }} />}
        {side === 'tables' && catalogue.data && <Tables catalogue={catalogue.data} />}
      </Drawer>
    </Page>
  );
}

interface AnswerProps {
  sql: string;
  as_of: string | undefined;
  purpose: Purpose;
}

function Answer({ sql, as_of, purpose }: AnswerProps) {
  const { t } = useTranslation('sql');
  const { part = 'rows' } = sqlRoute.useSearch();
  const navigate = sqlRoute.useNavigate();
  const rows = useQuery({ queryKey: ['sql', purpose, as_of, sql], queryFn: ({ signal }) => ask(api.POST('/v1/sql', { body: { purpose, as_of, sql, rows_max: ROWS_MAX }, signal })), gcTime: 60_000 });
  return (
    <Panel flush className="sql-answer" title={t('answer')} about={rows.data && <><Num value={rows.data.rows.length} exact /> {t('rows')}{rows.data.more ? t('more') : ''} · <Num value={Math.round(rows.data.took_ms)} exact /> {t('ms')}</>} extra={<ExportMenu name="answer" disabled={!rows.data} make={(format) => ask(api.POST('/v1/sql/export', { body: { purpose, as_of, sql, format }, parseAs: 'blob' }))} />}>
      <Tabs
        activeKey={part}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, part: next as typeof part }), replace: true })}
        destroyOnHidden
        items={[
          {
            key: 'rows',
            label: t('part.rows'),
            children: <Async of={rows} isEmpty={(data) => data.rows.length === 0} empty={<Empty title={t('noRows')} next={t('noRowsNext')} />}>{(data) => <RowsTable columns={data.columns} rows={data.rows} label={t('answer')} height={520} />}</Async>,
          },
          { key: 'lineage', label: t('part.lineage'), children: <Lineage sql={sql} as_of={as_of} purpose={purpose} /> },
        ]}
      />
    </Panel>
  );
}

/** Where each column of the answer comes from, back to the columns of sources' files. */
function Lineage({ sql, as_of, purpose }: AnswerProps) {
  const { t } = useTranslation('sql');
  const lineage = useQuery({ queryKey: ['sql-lineage', purpose, as_of, sql], queryFn: ({ signal }) => ask(api.POST('/v1/sql/lineage', { body: { purpose, as_of, sql }, signal })) });
  return (
    <Async of={lineage} empty={<Empty title={t('noLineage')} />}>
      {(columns) => (
        <DataTable
          rowKey="column"
          size="small"
          dataSource={columns}
          columns={[
            { title: t('lineage.column'), key: 'column', render: (_, of) => <code>{of.column}</code> },
            { title: t('lineage.tables'), key: 'tables', render: (_, of) => <Names names={of.tables} tone="info" none={t('lineage.none')} /> },
            { title: t('lineage.sources'), key: 'sources', render: (_, of) => <Names names={of.sources} tone="plain" none={t('lineage.none')} /> },
          ]}
        />
      )}
    </Async>
  );
}

function Names({ names, tone, none }: { names: string[]; tone: 'info' | 'plain'; none: string }) {
  if (names.length === 0) return <span className="quiet">{none}</span>;
  return <span className="row lineage-names">{names.map((name) => <Pill key={name} tone={tone}>{name}</Pill>)}</span>;
}

interface HistoryProps {
  history: ReturnType<typeof useHistory>;
  pick: (sql: string) => void;
}

function History({ history, pick }: HistoryProps) {
  const { t } = useTranslation('sql');
  if (history.list.length === 0) return <Empty title={t('noHistory')} next={t('noHistoryNext')} />;
  return (
    <div className="stacked">
      <Alert type="info" showIcon title={t('historyAbout')} action={<Button size="small" icon={<ClearOutlined />} onClick={history.clear}>{t('clear')}</Button>} />
      <ul className="sql-history">
        {history.list.map((each) => (
          <li key={each.sql}><button type="button" onClick={() => pick(each.sql)}><code>{each.sql}</code><span className="quiet small"><When at={each.at * 1000} as="near" /></span></button></li>
        ))}
      </ul>
    </div>
  );
}

function Tables({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation('sql');
  const say = useSay();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const tables = catalogue.tables.filter((table) => `${table.name} ${table.columns.map(({ name }) => name).join(' ')}`.toLowerCase().includes(wanted));
  const traits = catalogue.traits.filter((trait) => `${trait.name} ${say(trait.meaning)}`.toLowerCase().includes(wanted));
  return (
    <div className="stacked">
      <Input allowClear value={find} onChange={(event) => setFind(event.target.value)} placeholder={t('find')} aria-label={t('find')} />
      <Collapse
        size="small"
        items={tables.map((table) => ({
          key: table.name,
          label: <span className="named"><code>{table.name}</code><span className="quiet small">{table.about}</span></span>,
          children: <ul className="pairs">{table.columns.map((column) => <li key={column.name}><code>{column.name}</code><span className="quiet small">{column.masked ? t('masked') : column.type}</span></li>)}</ul>,
        }))}
      />
      <h3>{t('traits')}</h3>
      <ul className="pairs">{traits.map((trait) => <li key={trait.name}><code>traits.{trait.name}</code><span className="quiet small">{say(trait.meaning)}</span></li>)}</ul>
    </div>
  );
}
