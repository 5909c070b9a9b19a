// What happened, the newest first, day by day.

import { AuditOutlined, BankOutlined, CommentOutlined, CreditCardOutlined, FileTextOutlined, GiftOutlined, MobileOutlined, SwapOutlined } from '@ant-design/icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Tag } from 'antd';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { day } from '@/format/time';
import { Async, Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { useLanguage, When } from '@/ui/values';
import type { Happened, Of } from './queries';
import { decimalText, useNames } from './records';
import { repeated } from './repeated';
import { customerRoute } from './routes';

const icons: Record<string, ComponentType<{ 'aria-hidden'?: boolean }>> = {
  transaction: SwapOutlined,
  event: MobileOutlined,
  interaction: CommentOutlined,
  contact: GiftOutlined,
  response: GiftOutlined,
  account: CreditCardOutlined,
  loan: BankOutlined,
  consent: AuditOutlined,
};

const PAGE = 50;
const RECENT = 6;

function useTimeline({ customer, purpose }: Of, tables: string[], limit: number) {
  return useInfiniteQuery({
    queryKey: ['customer', customer, purpose, 'timeline', tables.join(','), limit],
    queryFn: ({ signal, pageParam }) =>
      ask(
        api.GET('/v1/customers/{customer}/timeline', {
          params: { path: { customer: String(customer) }, query: { purpose, tables: tables.join(',') || undefined, before: pageParam ?? undefined, limit } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_before ?? null,
  });
}

export function TimelinePart({ of }: { of: Of }) {
  const { t } = useTranslation('customer');
  const names = useNames();
  const { tables = [] } = customerRoute.useSearch();
  const navigate = customerRoute.useNavigate();
  const timeline = useTimeline(of, tables, PAGE);
  const known = timeline.data?.pages[0]?.tables ?? [];
  const toggle = (table: string, on: boolean) => {
    const next = on ? [...tables, table] : tables.filter((each) => each !== table);
    void navigate({ search: (before) => ({ ...before, tables: next.length > 0 ? next : undefined }) });
  };
  return (
    <Panel
      title={t('part.timeline')}
      extra={
        <span className="row" role="group" aria-label={t('timeline.only')}>
          {[...new Set([...known, ...tables])].map((table) => (
            <FilterTag key={table} label={names.table(table)} on={tables.includes(table)} toggle={(on) => toggle(table, on)} />
          ))}
        </span>
      }
    >
      <Async of={timeline} isEmpty={(data) => data.pages.every((page) => page.happened.length === 0)} empty={<Empty title={t('timeline.none')} next={tables.length > 0 ? t('timeline.noneFiltered') : t('timeline.noneNext')} />}>
        {(data) => (
          <>
            <Days happened={data.pages.flatMap((page) => page.happened)} />
            {timeline.hasNextPage && (
              <Button block onClick={() => void timeline.fetchNextPage()} loading={timeline.isFetchingNextPage}>
                {t('timeline.more')}
              </Button>
            )}
          </>
        )}
      </Async>
    </Panel>
  );
}

interface FilterTagProps {
  label: string;
  on: boolean;
  toggle: (on: boolean) => void;
}

function FilterTag({ label, on, toggle }: FilterTagProps) {
  return (
    <button type="button" className={on ? 'filter filter-on' : 'filter'} aria-pressed={on} onClick={() => toggle(!on)}>
      {label}
    </button>
  );
}

/** The latest few, for the overview. */
export function RecentTimeline({ of }: { of: Of }) {
  const { t } = useTranslation('customer');
  const timeline = useTimeline(of, [], RECENT);
  return (
    <Async of={timeline} isEmpty={(data) => data.pages.every((page) => page.happened.length === 0)} empty={<Empty title={t('timeline.none')} next={t('timeline.noneNext')} />}>
      {(data) => <Days happened={data.pages.flatMap((page) => page.happened).slice(0, RECENT)} />}
    </Async>
  );
}

function Days({ happened }: { happened: Happened[] }) {
  const language = useLanguage();
  const days = new Map<string, Happened[]>();
  for (const each of happened) {
    const date = day(each.ts, language);
    days.set(date, [...(days.get(date) ?? []), each]);
  }
  return (
    <div className="days">
      {[...days].map(([date, things]) => (
        <section key={date}>
          <h3 className="num">{date}</h3>
          <ul>
            {repeated(things).map(({ happened: each, times }, nth) => (
              // Two things of one moment may say the same.
              // oxlint-disable-next-line react/no-array-index-key
              <Thing key={`${each.ts} ${nth}`} happened={each} times={times} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

interface ThingProps {
  happened: Happened;
  times: number;
}

function Thing({ happened, times }: ThingProps) {
  const names = useNames();
  const Icon = icons[happened.table] ?? FileTextOutlined;
  return (
    <li className="thing">
      <span className="thing-icon"><Icon aria-hidden /></span>
      <When at={happened.ts} as="time" />
      <Tag>{names.table(happened.table)}</Tag>
      <span className="thing-said">
        {happened.said.map(([column = '', value = '']) => (
          <span key={column}>
            <span className="quiet">{names.column(column)}</span> {decimalText(value)}
          </span>
        ))}
        {times > 1 && <Pill>× {times}</Pill>}
      </span>
    </li>
  );
}
