// How segments overlap: for each two, how many belong to both.

import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Purpose } from '@/app/purpose';
import { Bar } from '@/ui/bar';
import { DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/page';
import { Num, Share, useLanguage } from '@/ui/values';
import { expressionQuery, type SegmentLine } from './queries';

interface OverlapProps {
  names: string[];
  lines: SegmentLine[];
  purpose: Purpose;
  clear: () => void;
}

export function Overlap({ names, lines, purpose, clear }: OverlapProps) {
  const { t } = useTranslation('segments');
  const language = useLanguage();
  const called = (name: string) => lines.find((line) => line.name === name)?.[language] ?? name;
  const pairs = names.flatMap((left, at) => names.slice(at).map((right) => [left, right] as const));
  const counted = useQueries({ queries: pairs.map(([left, right]) => expressionQuery(left === right ? left : `${left} & ${right}`, purpose)) });
  const sizeOf = (left: string, right: string) => counted[pairs.findIndex(([a, b]) => (a === left && b === right) || (a === right && b === left))];
  const failed = counted.find((each) => each.error)?.error;
  return (
    <Panel title={t('overlap.title')} about={failed ? failed.message : t('overlap.about')} extra={<Button size="small" onClick={clear}>{t('overlap.clear')}</Button>} flush>
      <DataTable
        size="small"
        rowKey="name"
        dataSource={names.map((name) => ({ name }))}
        columns={[
          { title: t('column.name'), key: 'name', render: (_, { name }) => <Link to="/segments/$name" params={{ name }}>{called(name)}</Link> },
          ...names.map((other) => ({ title: called(other), key: other, align: 'right' as const, render: (_: unknown, { name }: { name: string }) => <Both both={sizeOf(name, other)?.data?.size} all={sizeOf(name, name)?.data?.size} same={name === other} /> })),
        ]}
      />
    </Panel>
  );
}

interface BothProps {
  both: number | undefined;
  all: number | undefined;
  same: boolean;
}

/** The share of the row's segment says more than the number: it makes the ground darker. */
function Both({ both, all, same }: BothProps) {
  if (same) return <span className="quiet"><Num value={both} /></span>;
  const share = both !== undefined && all ? both / all : undefined;
  return (
    <span className="both">
      <b><Num value={both} /></b>
      <span className="quiet"><Share value={share} /></span>
      <Bar share={share ?? 0} />
    </span>
  );
}
