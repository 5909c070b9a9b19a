// What may be recommended, to how many, and by which rules.

import { useQuery } from '@tanstack/react-query';
import { Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num } from '@/ui/values';
import { useSay } from '@/ui/words';
import { type Offer, offersQuery } from './queries';
import { offersRoute } from './routes';
import { Toml } from './version';
import './models.css';

const DRAWER_WIDTH = 620;

export function OffersScreen() {
  const { t } = useTranslation('models');
  const { offer: open } = offersRoute.useSearch();
  const navigate = offersRoute.useNavigate();
  const say = useSay();
  const offers = useQuery(offersQuery);
  const choose = (offer: string | undefined) => void navigate({ search: (before) => ({ ...before, offer }) });
  const shown = offers.data?.find((each) => each.name === open);
  return (
    <Page title={t('offers.title')} about={t('offers.about')}>
      <Panel title={t('offers.all')} flush>
        <Async of={offers} empty={<Empty title={t('offers.none')} next={t('offers.noneNext')} />}>
          {(all) => (
            <DataTable<Offer>
              rowKey="name"
              dataSource={all}
              columns={[
                { title: t('offers.offer'), key: 'name', render: (_, each) => <span className="named"><button type="button" className="as-link" onClick={() => choose(each.name)}>{say(each.meaning) || each.name}</button><code className="quiet small">{each.name}</code></span> },
                { title: t('offers.product'), dataIndex: 'product' },
                { title: t('offers.purposes'), key: 'purposes', render: (_, each) => <span className="row">{each.purposes.map((purpose) => <Pill key={purpose}>{t(`common:purpose.${purpose}`)}</Pill>)}</span> },
                { title: t('offers.recommended'), key: 'recommended', align: 'right', sorter: (a, b) => (a.recommended ?? 0) - (b.recommended ?? 0), render: (_, each) => <Num value={each.recommended} /> },
                { title: t('offers.first'), key: 'first', align: 'right', render: (_, each) => <Num value={each.first} /> },
              ]}
            />
          )}
        </Async>
      </Panel>
      <Drawer open={shown !== undefined} title={shown && say(shown.meaning)} onClose={() => choose(undefined)} size={DRAWER_WIDTH} closable={{ 'aria-label': t('common:back') } as object}>
        {shown && <Toml text={shown.definition} />}
      </Drawer>
    </Page>
  );
}
