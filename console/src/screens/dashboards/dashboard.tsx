// One dashboard. A click on a value filters the tiles that have that field; in changing it, tiles are moved and resized.

import { DeleteOutlined, EditOutlined, SaveOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { catalogueQuery } from '@/api/catalogue';
import { ApiError } from '@/api/error';
import { usePurpose } from '@/app/purpose';
import { Written } from '@/ui/condition/conditions';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { Page, Panel } from '@/ui/page';
import { When } from '@/ui/values';
import { type Body, type Cross, moveTile, picked, readBody, resizeTile, type Tile } from './body';
import { type Dashboard, dashboardQuery, removeDashboard, writeDashboard } from './queries';
import { dashboardRoute, type DashboardSearch } from './routes';
import { TileCard } from './tile';
import './dashboards.css';

export function DashboardScreen() {
  const { name } = dashboardRoute.useParams();
  const dashboard = useQuery(dashboardQuery(name));
  if (!dashboard.data) return <Page title={name} crumbs={[]}><Async of={dashboard}>{() => null}</Async></Page>;
  // Another version is another beginning of changes.
  return <Shown key={`${name} ${dashboard.data.version}`} dashboard={dashboard.data} />;
}

interface Draft {
  title: string;
  body: Body;
}

function Shown({ dashboard }: { dashboard: Dashboard }) {
  const { t } = useTranslation('dashboards');
  const { edit } = dashboardRoute.useSearch();
  const navigate = dashboardRoute.useNavigate();
  const [draft, setDraft] = useState<Draft>();
  const kept: Draft = { title: dashboard.title, body: readBody(dashboard.body) };
  const shown = edit ? (draft ?? kept) : kept;
  const go = (change: Partial<DashboardSearch>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const end = () => {
    setDraft(undefined);
    go({ edit: undefined });
  };
  return (
    <Page
      title={shown.title}
      about={<>{dashboard.by} · <When at={dashboard.at} as="near" /></>}
      crumbs={[{ label: t('title'), to: '/dashboards' }]}
      actions={edit ? <Changing dashboard={dashboard} draft={draft} end={end} keep={setDraft} /> : <Looking go={go} />}
    >
      {edit && <Panel className="dashboard-edit"><Input value={shown.title} onChange={(event) => setDraft({ ...shown, title: event.target.value })} aria-label={t('name')} maxLength={120} /><p className="quiet small">{t('editHelp')}</p></Panel>}
      <Grid body={shown.body} change={edit ? (tiles) => setDraft({ ...shown, body: { tiles } }) : undefined} />
    </Page>
  );
}

function Looking({ go }: { go: (change: Partial<DashboardSearch>) => void }) {
  const { t } = useTranslation('dashboards');
  const { as_of } = dashboardRoute.useSearch();
  return (
    <>
      <span className="row"><span className="quiet" aria-hidden="true">{t('asOf')}</span><Written key={as_of} type="date" value={as_of ?? ''} label={t('asOf')} change={(next) => go({ as_of: next || undefined })} /></span>
      <Button icon={<EditOutlined />} onClick={() => go({ edit: true })}>{t('edit')}</Button>
    </>
  );
}

interface ChangingProps {
  dashboard: Dashboard;
  draft: Draft | undefined;
  end: () => void;
  keep: (draft: Draft | undefined) => void;
}

function Changing({ dashboard, draft, end, keep }: ChangingProps) {
  const { t } = useTranslation('dashboards');
  const queries = useQueryClient();
  const navigate = dashboardRoute.useNavigate();
  const fresh = () => queries.invalidateQueries({ queryKey: ['dashboards'] });
  const save = useMutation({ mutationFn: (version: number) => writeDashboard({ name: dashboard.name, version, title: draft?.title.trim() || dashboard.title, body: draft?.body ?? readBody(dashboard.body) }), onSuccess: async () => { end(); await fresh(); } });
  const remove = useMutation({ mutationFn: () => removeDashboard(dashboard.name), onSuccess: async () => { await navigate({ to: '/dashboards' }); await fresh(); } });
  const theirs = async () => {
    save.reset();
    keep(undefined);
    await fresh();
  };
  const mine = async () => {
    const now = await queries.fetchQuery({ ...dashboardQuery(dashboard.name), staleTime: 0 });
    save.mutate(now.version);
  };
  const conflict = save.error instanceof ApiError && save.error.status === 409;
  return (
    <>
      <Popconfirm title={t('removeSure')} okText={t('remove')} cancelText={t('common:cancel')} onConfirm={() => remove.mutate()}><Button danger icon={<DeleteOutlined />}>{t('remove')}</Button></Popconfirm>
      <Button onClick={end}>{t('common:cancel')}</Button>
      <Button type="primary" icon={<SaveOutlined />} loading={save.isPending} disabled={!draft} onClick={() => save.mutate(dashboard.version)}>{t('save')}</Button>
      {conflict && <Alert className="conflict" type="warning" showIcon role="alert" title={t('conflict')} description={t('conflictAbout')} action={<span className="stacked"><Button size="small" onClick={() => void theirs()}>{t('theirs')}</Button><Button size="small" danger onClick={() => void mine()}>{t('mine')}</Button></span>} />}
      {save.error && !conflict && <ErrorNote error={save.error} />}
      {remove.error && <ErrorNote error={remove.error} />}
    </>
  );
}

interface GridProps {
  body: Body;
  change: ((tiles: Tile[]) => void) | undefined;
}

function Grid({ body, change }: GridProps) {
  const { t } = useTranslation('dashboards');
  const { cross = [], as_of } = dashboardRoute.useSearch();
  const navigate = dashboardRoute.useNavigate();
  const [purpose] = usePurpose();
  const catalogue = useQuery(catalogueQuery(purpose));
  const { tiles } = body;
  const setCross = (next: Cross[]) => void navigate({ search: (before) => ({ ...before, cross: next.length > 0 ? next : undefined }), resetScroll: false });
  if (tiles.length === 0) return <Panel><Empty title={t('noTiles')} next={t('noTilesNext')} /></Panel>;
  return (
    <>
      {cross.length > 0 && <CrossBar cross={cross} clear={setCross} />}
      <Async of={catalogue}>
        {(known) => (
          <div className="tiles">
            {tiles.map((tile, nth) => (
              <TileCard
                key={tile.id}
                tile={tile}
                asks={{ purpose, as_of, cross, catalogue: known }}
                cross={(filters) => setCross(picked(cross, tile.id, filters))}
                change={change && { move: (by) => change(moveTile(tiles, tile.id, nth + by)), drop: (id) => change(moveTile(tiles, id, nth)), resize: (by) => change(resizeTile(tiles, tile.id, by)), remove: () => change(tiles.filter((each) => each.id !== tile.id)), first: nth === 0, last: nth === tiles.length - 1 }}
              />
            ))}
          </div>
        )}
      </Async>
    </>
  );
}

interface CrossBarProps {
  cross: Cross[];
  clear: (left: Cross[]) => void;
}

function CrossBar({ cross, clear }: CrossBarProps) {
  const { t } = useTranslation('dashboards');
  return (
    <div className="cross-bar" role="status">
      <span className="quiet">{t('filtered')}</span>
      {cross.map((each) => <button key={`${each.of} ${each.filter.field}`} type="button" className="pill pill-primary cross" onClick={() => clear(cross.filter((one) => one !== each))} aria-label={t('unfilter', { what: told(each) })}>{told(each)} ×</button>)}
      <Button size="small" onClick={() => clear([])}>{t('clear')}</Button>
    </div>
  );
}

function told({ filter: { field, test } }: Cross): string {
  const values = 'one_of' in test ? test.one_of.join(', ') : 'between' in test ? test.between.filter(Boolean).join(' – ') : '—';
  return `${field.replace(/^traits\./, '')}: ${values}`;
}
