// The customers behind a number: page by page, each a link, and all of them as a segment.

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Drawer, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { Num } from '@/ui/values';
import './behind.css';

type CustomerPage = components['schemas']['CustomerPage'];

export interface Page {
  after?: number;
  limit: number;
  save_as?: string;
}

interface BehindProps {
  /** What the number is, in words. */
  title: string;
  about?: string;
  /** By what the question is known; the purpose is in it. */
  queryKey: readonly unknown[];
  fetch: (page: Page, signal?: AbortSignal) => Promise<CustomerPage>;
  close: () => void;
}

const PAGE = 100;
const DRAWER_WIDTH = 520;

export function Behind({ title, about, queryKey, fetch, close }: BehindProps) {
  const { t } = useTranslation('behind');
  const customers = useInfiniteQuery({
    queryKey: ['behind', ...queryKey],
    queryFn: ({ pageParam, signal }) => fetch({ after: pageParam ?? undefined, limit: PAGE }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_after ?? null,
  });
  const total = customers.data?.pages[0]?.total;
  return (
    <Drawer open title={title} onClose={close} size={DRAWER_WIDTH} className="behind" closable={{ 'aria-label': t('close') } as object}>
      {about && <p className="quiet">{about}</p>}
      <Async of={customers} isEmpty={() => total === 0} empty={<Empty title={t('none')} next={t('noneNext')} />}>
        {(data) => (
          <>
            <p className="behind-total"><strong><Num value={total} exact /></strong> {t('customers')}</p>
            <SaveAs fetch={fetch} />
            <ul className="behind-list">
              {data.pages.flatMap((page) => page.customers).map((customer) => (
                <li key={customer}>
                  <Link to="/customers/$customer" params={{ customer: String(customer) }} className="num">{customer}</Link>
                </li>
              ))}
            </ul>
            {customers.hasNextPage && <Button block onClick={() => void customers.fetchNextPage()} loading={customers.isFetchingNextPage}>{t('more')}</Button>}
          </>
        )}
      </Async>
    </Drawer>
  );
}

function SaveAs({ fetch }: Pick<BehindProps, 'fetch'>) {
  const { t } = useTranslation('behind');
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const save = useMutation({
    mutationFn: (name: string) => fetch({ limit: 1, save_as: name }).then(() => name),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['segments'] }),
  });
  if (save.data) {
    return <Alert type="success" showIcon role="status" title={t('saved')} description={<Link to="/segments/$name" params={{ name: save.data }}>{t('openSegment', { name: save.data })}</Link>} />;
  }
  if (!open) return <Button type="primary" onClick={() => setOpen(true)}>{t('saveAs')}</Button>;
  return (
    <Form<{ name: string }> layout="vertical" requiredMark={false} className="behind-save" onFinish={({ name }) => save.mutate(name)}>
      <Form.Item name="name" label={t('name')} extra={t('nameHelp')} rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,59}$/, message: t('nameWrong') }]}>
        <Input autoComplete="off" maxLength={60} className="mono" />
      </Form.Item>
      {save.error && <ErrorNote error={save.error} />}
      <span className="row">
        <Button type="primary" htmlType="submit" loading={save.isPending}>{t('save')}</Button>
        <Button onClick={() => setOpen(false)}>{t('common:cancel')}</Button>
      </span>
    </Form>
  );
}
