// From sources to decisions: what rests on what. As a picture, or as lists, which say the same.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Segmented, Select } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Async, Empty, Waiting } from '@/ui/async';
import { Page, Panel } from '@/ui/page';
import { Pill, type Tone } from '@/ui/pill';
import { around, reached } from './graph';
import { type Graph, lineageQuery } from './queries';
import { lineageRoute } from './routes';
import './data.css';

const Picture = lazy(() => import('./lineage-picture').then(({ LineagePicture }) => ({ default: LineagePicture })));

type Node = Graph['nodes'][number];
type Kind = Node['kind'];

export const kinds: readonly Kind[] = ['source', 'table', 'trait', 'segment', 'model', 'offer'];
export const kindTones: Record<Kind, Tone> = { source: 'plain', table: 'info', trait: 'primary', segment: 'good', model: 'brass', offer: 'warn' };

export function LineageScreen() {
  const { t } = useTranslation('data');
  const { node, view = 'graph' } = lineageRoute.useSearch();
  const navigate = lineageRoute.useNavigate();
  const graph = useQuery(lineageQuery);
  const focus = (next: string | undefined) => void navigate({ search: (before) => ({ ...before, node: next }), resetScroll: false });
  const known = graph.data?.nodes ?? [];
  const options = kinds.map((kind) => ({ label: t(`kind.${kind}`), options: known.filter((each) => each.kind === kind).map(({ id, name }) => ({ value: id, label: name })) }));
  return (
    <Page
      title={t('lineage.title')}
      about={t('lineage.about')}
      actions={
        <>
          <Select showSearch allowClear value={node} options={options} onChange={focus} placeholder={t('lineage.find')} aria-label={t('lineage.find')} style={{ width: 260 }} optionFilterProp="label" />
          <Segmented value={view} aria-label={t('lineage.view')} onChange={(next) => void navigate({ search: (before) => ({ ...before, view: next as typeof view }), replace: true })} options={[{ value: 'graph', label: t('lineage.graph') }, { value: 'list', label: t('lineage.list') }]} />
        </>
      }
    >
      <Async of={graph} isEmpty={(data) => data.nodes.length === 0} empty={<Panel><Empty title={t('lineage.none')} /></Panel>}>
        {(data) => {
          const focused = data.nodes.find((each) => each.id === node);
          return (
            <div className="stack">
              {view === 'graph' && (
                <Panel title={focused ? t('lineage.aroundOf', { name: focused.name }) : t('lineage.all')} about={t('lineage.pictureAbout')} extra={<KindLegend />}>
                  <Suspense fallback={<Waiting />}><Picture graph={around(data, focused?.id)} focus={focused?.id} choose={focus} /></Suspense>
                </Panel>
              )}
              {focused ? <Focused graph={data} node={focused} all={() => focus(undefined)} choose={focus} /> : view === 'list' && <Lists graph={data} choose={focus} />}
            </div>
          );
        }}
      </Async>
    </Page>
  );
}

function KindLegend() {
  const { t } = useTranslation('data');
  return <span className="row">{kinds.map((kind) => <Pill key={kind} tone={kindTones[kind]}>{t(`kind.${kind}`)}</Pill>)}</span>;
}

interface FocusedProps {
  graph: Graph;
  node: Node;
  all: () => void;
  choose: (id: string) => void;
}

function Focused({ graph, node, all, choose }: FocusedProps) {
  const { t } = useTranslation('data');
  const of = (ids: Set<string>) => graph.nodes.filter(({ id }) => ids.has(id));
  return (
    <Panel title={<span className="row"><Pill tone={kindTones[node.kind]}>{t(`kind.${node.kind}`)}</Pill>{node.name}</span>} extra={<span className="row"><NodeLink node={node} /><Button size="small" onClick={all}>{t('lineage.showAll')}</Button></span>}>
      <div className="grid">
        <div className="span-6"><h3>{t('lineage.restsOn')}</h3><NodeList graph={graph} nodes={of(reached(graph, node.id, 'up'))} to={node.id} choose={choose} /></div>
        <div className="span-6"><h3>{t('lineage.restsOnIt')}</h3><NodeList graph={graph} nodes={of(reached(graph, node.id, 'down'))} choose={choose} /></div>
      </div>
    </Panel>
  );
}

function NodeLink({ node }: { node: Node }) {
  const { t } = useTranslation('data');
  if (node.kind === 'segment') return <Link to="/segments/$name" params={{ name: node.name }}>{t('lineage.open')}</Link>;
  if (node.kind === 'source') return <Link to="/data" search={{ source: node.name }}>{t('lineage.open')}</Link>;
  if (node.kind === 'table') return <Link to="/quality" search={{ table: node.name }}>{t('lineage.open')}</Link>;
  return null;
}

interface NodeListProps {
  graph: Graph;
  nodes: Node[];
  /** Columns that this node reads are told. */
  to?: string;
  choose: (id: string) => void;
}

function NodeList({ graph, nodes, to, choose }: NodeListProps) {
  const { t } = useTranslation('data');
  if (nodes.length === 0) return <p className="quiet">{t('lineage.nothing')}</p>;
  const columnsOf = (id: string) => graph.edges.find((edge) => edge.from === id && edge.to === to)?.columns ?? [];
  return (
    <div className="stacked">
      {kinds.map((kind) => {
        const mine = nodes.filter((each) => each.kind === kind);
        return mine.length > 0 && (
          <section key={kind}>
            <h4>{t(`kinds.${kind}`)} <span className="quiet">{mine.length}</span></h4>
            <ul className="node-list">
              {mine.map((each) => (
                <li key={each.id}><button type="button" className="as-link" onClick={() => choose(each.id)}>{each.name}</button>{columnsOf(each.id).length > 0 && <span className="quiet small"> {columnsOf(each.id).join(', ')}</span>}</li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Lists({ graph, choose }: { graph: Graph; choose: (id: string) => void }) {
  const { t } = useTranslation('data');
  return <Panel title={t('lineage.all')}><NodeList graph={graph} nodes={graph.nodes} choose={choose} /></Panel>;
}
