// Finding a customer. What is typed may recognise somebody: it goes in the body of a request and never into the address.

import { ArrowRightOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { usePurpose } from '@/app/purpose';
import { Async, Empty } from '@/ui/async';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import './customer.css';

type Found = components['schemas']['FoundCustomer'];

export function SearchScreen() {
  const { t } = useTranslation('customer');
  const [purpose] = usePurpose();
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const search = useMutation({
    mutationFn: (text: string) => ask(api.POST('/v1/customers/search', { body: { purpose, text } })),
    // A number names one person: no list in between.
    onSuccess: ([only, ...more]) => {
      if (only?.by === 'number' && more.length === 0) void navigate({ to: '/customers/$customer', params: { customer: String(only.customer) } });
    },
  });
  const find = () => {
    if (typed.trim()) search.mutate(typed.trim());
  };
  return (
    <Page title={t('search.title')} about={t('search.about')} width="text">
      <Panel>
        <Input.Search
          size="large"
          // The page exists to type in.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          allowClear
          enterButton={t('search.find')}
          aria-label={t('search.label')}
          placeholder={t('search.placeholder')}
          autoComplete="off"
          loading={search.isPending}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onSearch={find}
        />
        <p className="quiet search-help">{t('search.help')}</p>
      </Panel>
      {!search.isIdle && (
        <Async of={{ ...search, isFetching: search.isPending, refetch: find }} empty={<Panel><Empty title={t('search.none')} next={t('search.noneNext')} /></Panel>}>
          {(found) => <Results found={found} />}
        </Async>
      )}
    </Page>
  );
}

function Results({ found }: { found: Found[] }) {
  const { t, i18n } = useTranslation('customer');
  const by = (name: string) => (i18n.exists(`customer:by.${name}`) ? t(`by.${name}`) : name);
  return (
    <Panel title={t('search.found', { count: found.length })} flush>
      <ul className="found">
        {found.map((each) => (
          <li key={each.customer}>
            <Link to="/customers/$customer" params={{ customer: String(each.customer) }}>
              <strong className="num">{t('number', { number: each.customer })}</strong>
              <span className="quiet">{each.said.join(' · ')}</span>
              <Pill>{t('search.by', { what: by(each.by) })}</Pill>
              <ArrowRightOutlined aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
