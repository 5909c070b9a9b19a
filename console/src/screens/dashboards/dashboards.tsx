// All dashboards.

import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Async, Empty } from '@/ui/async';
import { Page, Panel } from '@/ui/page';
import { When } from '@/ui/values';
import { readBody } from './body';
import { dashboardsQuery } from './queries';
import './dashboards.css';

export function DashboardsScreen() {
  const { t } = useTranslation('dashboards');
  const [find, setFind] = useState('');
  const dashboards = useQuery(dashboardsQuery);
  const wanted = find.trim().toLowerCase();
  const begin = <Link to="/explore"><Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t('begin')}</Button></Link>;
  return (
    <Page title={t('title')} about={t('about')} actions={<><Input allowClear value={find} onChange={(event) => setFind(event.target.value)} placeholder={t('find')} aria-label={t('find')} style={{ width: 220 }} /><Link to="/explore" className="ant-btn ant-btn-primary button-link"><PlusOutlined /> {t('begin')}</Link></>}>
      <Async of={dashboards} empty={<Panel><Empty title={t('none')} next={t('noneNext')} action={begin} /></Panel>}>
        {(all) => (
          <ul className="dashboard-list">
            {all.filter(({ title, name }) => `${title} ${name}`.toLowerCase().includes(wanted)).map((each) => (
              <li key={each.name}>
                <Link to="/dashboards/$name" params={{ name: each.name }} className="dashboard-card">
                  <Sketch body={each.body} />
                  <strong>{each.title}</strong>
                  <span className="quiet small">{t('tiles', { count: readBody(each.body).tiles.length })} · {each.by} · <When at={each.at} as="near" /></span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Async>
    </Page>
  );
}

/** How its tiles lie: enough to recognise it by. */
function Sketch({ body }: { body: unknown }) {
  const { tiles } = readBody(body);
  return <span className="sketch" aria-hidden="true">{tiles.slice(0, 12).map((tile) => <i key={tile.id} style={{ gridColumn: `span ${tile.w}`, gridRow: `span ${tile.h}` }} />)}</span>;
}
