// Who belongs, a page at a time.

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { Purpose } from '@/app/purpose';
import { Async, Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Num } from '@/ui/values';

const PAGE = 60;

interface MembersProps {
  /** A name, or `a & b - c`. */
  expression: string;
  purpose: Purpose;
  /** How many belong, seen or not. */
  size: number | null | undefined;
}

export function Members({ expression, purpose, size }: MembersProps) {
  const { t } = useTranslation('segments');
  const members = useInfiniteQuery({
    queryKey: ['members', purpose, expression],
    queryFn: ({ signal, pageParam }) => ask(api.GET('/v1/segment-members', { params: { query: { purpose, expression, after: pageParam ?? undefined, limit: PAGE } }, signal })),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_after ?? null,
  });
  return (
    <Panel title={t('members.title')} about={t('members.about')}>
      <Async of={members} isEmpty={(data) => (data.pages[0]?.total ?? 0) === 0} empty={<Empty title={t('members.none')} next={t(size ? 'members.noneSeen' : 'members.noneAtAll')} />}>
        {(data) => (
          <>
            <p className="quiet"><Num value={data.pages[0]?.total} exact /> {t('members.total')}</p>
            <ul className="members">
              {data.pages.flatMap((page) => page.customers).map((customer) => (
                <li key={customer}>
                  <Link to="/customers/$customer" params={{ customer: String(customer) }} className="num">
                    {customer}
                  </Link>
                </li>
              ))}
            </ul>
            {members.hasNextPage && (
              <Button onClick={() => void members.fetchNextPage()} loading={members.isFetchingNextPage}>
                {t('members.more')}
              </Button>
            )}
          </>
        )}
      </Async>
    </Panel>
  );
}
