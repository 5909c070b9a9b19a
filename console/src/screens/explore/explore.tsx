// Explore: fields at the left, shelves above, the answer below, with its rows or its SQL beside.

import { AppstoreAddOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Catalogue, catalogueQuery } from '@/api/catalogue';
import { usePurpose } from '@/app/purpose';
import { Async, Empty } from '@/ui/async';
import { Behind } from '@/ui/behind/behind';
import { ExportMenu } from '@/ui/export-menu';
import { Page, Panel } from '@/ui/page';
import { Num } from '@/ui/values';
import { fitting } from './chart-option';
import { ChartPicker } from './chart-picker';
import { FieldList } from './fields';
import { type Asked, behindGroup, exploreQuery, exportShelves } from './queries';
import { Result, ResultTable } from './result';
import { exploreRoute, type ExploreSearch } from './routes';
import { SaveTile } from './save-tile';
import { ShelvesEditor } from './shelves-editor';
import { askedOf, type ChartType, groupOf, readShelves, type Shelves } from './shelves';
import { useShelves } from './use-shelves';
import './explore.css';

export function ExploreScreen() {
  const { t } = useTranslation('explore');
  const search = exploreRoute.useSearch();
  const navigate = exploreRoute.useNavigate();
  const [purpose] = usePurpose();
  const catalogue = useQuery(catalogueQuery(purpose));
  const go = (change: Partial<ExploreSearch>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: change.open === undefined, resetScroll: false });
  return (
    <Page title={t('title')} about={t('about')}>
      <Async of={catalogue}>{(known) => <Explore catalogue={known} search={search} go={go} />}</Async>
    </Page>
  );
}

interface ExploreProps {
  catalogue: Catalogue;
  search: ExploreSearch;
  go: (change: Partial<ExploreSearch>) => void;
}

function firstTable(catalogue: Catalogue): string {
  return catalogue.tables.find((table) => table.name === 'event')?.name ?? catalogue.tables[0]?.name ?? 'event';
}

function Explore({ catalogue, search, go }: ExploreProps) {
  const [purpose] = usePurpose();
  const shelves = readShelves(search.q) ?? { table: firstTable(catalogue), dimensions: [], measures: [], filters: [] };
  const set = (next: Shelves) => go({ q: { ...next }, open: undefined });
  const edit = useShelves(shelves, catalogue, set);
  const asking = askedOf(shelves);
  const asked = asking && { purpose, as_of: search.as_of, shelves: asking };
  return (
    <div className="explore">
      <Panel className="explore-fields">
        <FieldList catalogue={catalogue} table={edit.table} chooseTable={(table) => set({ table, measures: [] })} put={edit.put} />
      </Panel>
      <div className="stack explore-main">
        <Panel><ShelvesEditor edit={edit} catalogue={catalogue} /></Panel>
        {asked ? <Answer asked={asked} search={search} go={go} /> : <Begin edit={edit} />}
      </div>
    </div>
  );
}

function Begin({ edit }: { edit: ReturnType<typeof useShelves> }) {
  const { t } = useTranslation('explore');
  return <Panel><Empty title={t('begin')} next={t('beginNext')} action={<Button type="primary" onClick={edit.countRows}>{t('countRows')}</Button>} /></Panel>;
}

interface AnswerProps {
  asked: Asked;
  search: ExploreSearch;
  go: ExploreProps['go'];
}

function Answer({ asked, search, go }: AnswerProps) {
  const { t } = useTranslation('explore');
  const answer = useQuery(exploreQuery(asked));
  const [saving, setSaving] = useState(false);
  const { shelves } = asked;
  const chart: ChartType = search.chart ?? fitting(shelves);
  const dimensions = shelves.dimensions?.length ?? 0;
  const pick = (row: readonly unknown[]) => go({ open: row.slice(0, dimensions) as ExploreSearch['open'] });
  const title = titleOf(shelves);
  const values = search.open?.length === dimensions ? search.open : undefined;
  const group = values && groupOf(shelves, values);
  return (
    <>
      <Panel
        title={title}
        about={answer.data && <><Num value={answer.data.rows.rows.length} exact /> {t('groups')} · <Num value={Math.round(answer.data.rows.took_ms)} exact /> {t('ms')}</>}
        extra={<><ExportMenu name="explore" disabled={!answer.data} make={(format) => exportShelves(asked, format)} /><Button icon={<AppstoreAddOutlined />} disabled={!answer.data} onClick={() => setSaving(true)}>{t('save')}</Button></>}
      >
        <ChartPicker value={chart} change={(next) => go({ chart: next })} shelves={shelves} />
        <Async of={answer}>
          {(data) => (
            <>
              {data.rows.more && <Alert type="info" showIcon title={t('more')} />}
              {/* While another question is asked, the rows are still those of the one before. */}
              {data.rows.columns.length >= dimensions + shelves.measures.length && <Result shelves={shelves} rows={data.rows} chart={chart} pick={pick} title={title} />}
            </>
          )}
        </Async>
      </Panel>
      <Panel title={t('beside')} flush={search.side !== 'sql'} extra={<Segmented size="small" value={search.side ?? 'rows'} aria-label={t('beside')} onChange={(side) => go({ side: side === 'rows' ? undefined : 'sql' })} options={[{ value: 'rows', label: t('rows') }, { value: 'sql', label: 'SQL' }]} />}>
        <Async of={answer}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          {(data) => (search.side === 'sql' ? <pre className="sql-text" tabIndex={0}>{data.sql}</pre> : <ResultTable shelves={shelves} rows={data.rows} pick={pick} height={340} label={t('rows')} />)}
        </Async>
      </Panel>
      {group && <Behind title={t('behind', { title })} about={(values ?? []).map((value) => String(value ?? '—')).join(' · ')} queryKey={['explore', asked, group]} fetch={(page, signal) => behindGroup(asked, group, page, signal)} close={() => go({ open: undefined })} />}
      {saving && <SaveTile shelves={shelves} chart={chart} title={title} close={() => setSaving(false)} />}
    </>
  );
}

function titleOf({ table, dimensions, measures }: Shelves): string {
  const told = measures.map(({ aggregate, field }) => (field ? `${aggregate} ${field}` : aggregate)).join(', ');
  const by = (dimensions ?? []).map(({ field }) => field.replace(/^traits\./, '')).join(' × ');
  return [table, told, by].filter(Boolean).join(' · ');
}
