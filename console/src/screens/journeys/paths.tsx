// What customers do after an event, or on the way to it. The picture's nodes and links open; so do those of the table.

import { Collapse, Input, InputNumber, Segmented, Switch } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema';
import { useMode } from '@/theme/mode';
import { palettes, series } from '@/theme/tokens';
import { Chart, type Picked } from '@/ui/chart/chart';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Num, Share } from '@/ui/values';
import type { Cell } from './definition';
import { EventSelect } from './event-where';
import { Field, Frame, RowsFields, SpanField } from './frame';
import { type JourneyState, useJourney } from './journey';

type Answer = components['schemas']['PathsAnswer'];
type Node = Answer['nodes'][number];
type Link = Answer['links'][number];

const DEPTH_MAX = 20;
const NODE_PX = 46;

export function PathsScreen() {
  const { t } = useTranslation('journeys');
  const journey = useJourney('paths', { kind: 'paths', depth: 4, gap: '30 min' });
  const named = (name: string | null | undefined) => name ?? t('paths.other');
  const titleOf = (cell: Cell) => {
    if (cell.of === 'node') return t('paths.node', { name: named(cell.name), position: cell.position });
    return cell.of === 'link' ? t('paths.link', { from: named(cell.from), to: named(cell.to) }) : '';
  };
  return <Frame journey={journey} builder={<Builder journey={journey} />} titleOf={titleOf} result={(answer) => answer.paths && <Result answer={answer.paths} journey={journey} />} />;
}

interface BuilderProps {
  journey: JourneyState<'paths'>;
}

type Direction = 'start' | 'after' | 'before';

function Builder({ journey }: BuilderProps) {
  const { t } = useTranslation('journeys');
  const { def, change, table } = journey;
  const inDef: Direction = def.after ? 'after' : def.before ? 'before' : 'start';
  const direction = (['start', 'after', 'before'] as const).find((each) => each === journey.view) ?? inDef;
  const anchor = def.after ?? def.before ?? undefined;
  const turn = (to: Direction, event = anchor) => journey.search({ view: to, q: { ...def, after: to === 'after' ? event : undefined, before: to === 'before' ? event : undefined }, name: journey.name, open: undefined });
  return (
    <>
      <Field label={t('paths.direction')}>
        <Segmented block value={direction} aria-label={t('paths.direction')} onChange={(to) => turn(to as Direction)} options={(['start', 'after', 'before'] as const).map((each) => ({ value: each, label: t(`paths.directions.${each}`) }))} />
      </Field>
      {direction !== 'start' && (
        <>
          <EventSelect one table={table.name} value={anchor ? [anchor] : []} label={t('paths.anchor')} change={([event]) => turn(direction, event)} />
          <span className="row"><Switch size="small" checked={def.last === true} onChange={(last) => change({ last: last || undefined })} aria-label={t('paths.last')} /> {t('paths.last')}</span>
        </>
      )}
      <Field label={t('paths.depth')}>
        <InputNumber key={def.depth} min={1} max={DEPTH_MAX} defaultValue={def.depth ?? 5} onBlur={(event) => change({ depth: Number(event.target.value) || undefined })} onPressEnter={(event) => change({ depth: Number(event.currentTarget.value) || undefined })} aria-label={t('paths.depth')} />
      </Field>
      <Field label={t('paths.breadth')} help={t('paths.breadthHelp')}>
        <InputNumber key={def.breadth} min={1} max={20} defaultValue={def.breadth ?? 6} onBlur={(event) => change({ breadth: Number(event.target.value) || undefined })} onPressEnter={(event) => change({ breadth: Number(event.currentTarget.value) || undefined })} aria-label={t('paths.breadth')} />
      </Field>
      <Field label={t('paths.gap')}>
        <SpanField key={def.gap} value={def.gap ?? undefined} label={t('paths.gap')} change={(gap) => change({ gap })} />
      </Field>
      <Collapse ghost size="small" className="builder-more" items={[{ key: 'more', label: t('more'), children: <div className="builder"><NameField value={def.name ?? undefined} put={(name) => change({ name })} /><RowsFields journey={journey} /></div> }]} />
    </>
  );
}

interface NameFieldProps {
  value: string | undefined;
  put: (name: string | undefined) => void;
}

/** What an event is called: an expression in SQL. */
export function NameField({ value, put }: NameFieldProps) {
  const { t } = useTranslation('journeys');
  return (
    <Field label={t('nameExpression')} help={t('nameExpressionHelp')}>
      <Input key={value} defaultValue={value} placeholder="name" className="mono" aria-label={t('nameExpression')} onBlur={(event) => put(event.target.value.trim() || undefined)} />
    </Field>
  );
}

interface ResultProps {
  answer: Answer;
  journey: JourneyState<'paths'>;
}

const keyOf = (position: number, name: string | null | undefined) => `${position}\u0000${name ?? ''}`;

function Result({ answer, journey }: ResultProps) {
  const { t } = useTranslation('journeys');
  const mode = useMode();
  const backwards = Boolean(journey.def.before);
  const other = t('paths.other');
  const option = useMemo(() => sankey(answer, backwards, other, mode), [answer, backwards, other, mode]);
  if (answer.nodes.length === 0) return <Panel><Empty title={t('paths.nobody')} next={t('paths.nobodyNext')} /></Panel>;
  const most = Math.max(...answer.nodes.map((node) => answer.nodes.filter((each) => each.position === node.position).length));
  const openLink = (link: Link) => journey.search({ open: { of: 'link', position: link.position, ...named('from', link.from), ...named('to', link.to) } });
  const openNode = (node: Node) => journey.search({ open: { of: 'node', position: node.position, ...named('name', node.name) } });
  const pick = ({ dataType, data }: Picked) => {
    const { link, node } = data as { link?: Link; node?: Node };
    if (dataType === 'edge' && link) openLink(link);
    if (dataType !== 'edge' && node) openNode(node);
  };
  const rows = answer.links.toSorted((a, b) => a.position - b.position || b.customers - a.customers).map((link) => [String(link.position), link.from ?? other, link.to ?? other, <button key="n" type="button" className="as-link" onClick={() => openLink(link)}><Num value={link.customers} exact /></button>]);
  return (
    <>
      <Panel title={t('paths.chart')} about={t('paths.chartAbout')}>
        <Chart option={option} height={Math.max(320, most * NODE_PX + 40)} saveAs="paths" label={t('paths.chartLabel', { nodes: answer.nodes.length, links: answer.links.length })} onPick={pick} table={{ columns: [{ title: t('paths.position'), right: true }, { title: t('paths.from') }, { title: t('paths.to') }, { title: t('count'), right: true }], rows }} />
      </Panel>
      <NodeLists answer={answer} open={openNode} />
    </>
  );
}

const named = (key: string, name: string | null | undefined) => (name === null || name === undefined ? {} : { [key]: name });

function sankey(answer: Answer, backwards: boolean, other: string, mode: 'light' | 'dark') {
  const p = palettes[mode];
  const names = [...new Set(answer.nodes.map((node) => node.name ?? ''))];
  const colour = (name: string | null | undefined) => (name ? series[mode][names.indexOf(name) % series[mode].length] : p.lineStrong);
  const last = Math.max(...answer.nodes.map((node) => node.position));
  return {
    tooltip: { trigger: 'item' },
    series: [
      {
        type: 'sankey',
        left: 8,
        right: 140,
        top: 8,
        bottom: 8,
        nodeWidth: 14,
        nodeGap: 14,
        draggable: false,
        emphasis: { focus: 'trajectory' },
        label: { color: p.ink, fontSize: 12, formatter: ({ data }: { data: { node: Node } }) => `${data.node.name ?? other} ${data.node.customers}` },
        lineStyle: { color: 'source', opacity: mode === 'dark' ? 0.35 : 0.22, curveness: 0.5 },
        data: answer.nodes.map((node) => ({ name: keyOf(node.position, node.name), node, depth: backwards ? last - node.position : node.position, itemStyle: { color: colour(node.name) }, tooltip: { formatter: () => `${node.name ?? other}: ${node.customers}` } })),
        links: answer.links.map((link) => {
          const near = keyOf(link.position, link.from);
          const far = keyOf(link.position + 1, link.to);
          return { source: backwards ? far : near, target: backwards ? near : far, value: link.customers, link, tooltip: { formatter: () => (backwards ? `${link.to ?? other} → ${link.from ?? other}: ${link.customers}` : `${link.from ?? other} → ${link.to ?? other}: ${link.customers}`) } };
        }),
      },
    ],
  };
}

interface NodeListsProps {
  answer: Answer;
  open: (node: Node) => void;
}

/** The same for the keyboard: at each position, who is there. */
function NodeLists({ answer, open }: NodeListsProps) {
  const { t } = useTranslation('journeys');
  const positions = [...new Set(answer.nodes.map((node) => node.position))].sort((a, b) => a - b);
  const all = answer.nodes.filter((node) => node.position === positions[0]).reduce((sum, node) => sum + node.customers, 0);
  return (
    <Panel title={t('paths.positions')}>
      <div className="positions">
        {positions.map((position) => (
          <section key={position}>
            <h3>{t('paths.at', { position })}</h3>
            <ul>
              {answer.nodes.filter((node) => node.position === position).toSorted((a, b) => b.customers - a.customers).map((node) => (
                <li key={node.name ?? ''}>
                  <button type="button" className="as-link" onClick={() => open(node)}>{node.name ?? t('paths.other')}</button>
                  <span><b><Num value={node.customers} /></b> <span className="quiet"><Share value={all > 0 ? node.customers / all : null} /></span></span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Panel>
  );
}
