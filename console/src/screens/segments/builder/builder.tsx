// Building a segment: conditions at the left, who that is at the right, counted as one goes. The conditions are in the address.

import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePurpose } from '@/app/purpose';
import { useMay } from '@/app/session';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { catalogueQuery } from '../queries';
import { builderRoute } from '../routes';
import { type Catalogued, CatalogueContext } from './catalogue';
import { GroupEditor } from './group';
import { LiveCount } from './live-count';
import { SaveDialog } from './save-dialog';
import { EMPTY, type Group, ready, unfilled } from './tree';
import './builder.css';

export function BuilderScreen() {
  const { t } = useTranslation('builder');
  const { where = EMPTY } = builderRoute.useSearch();
  const navigate = builderRoute.useNavigate();
  const [purpose] = usePurpose();
  const [saving, setSaving] = useState(false);
  const mayDefine = useMay('define');
  const catalogue = useQuery(catalogueQuery(purpose));
  const known: Catalogued = { purpose, traits: catalogue.data?.traits ?? [], segments: catalogue.data?.segments ?? {} };
  const change = (tree: Group) => void navigate({ search: (before) => ({ ...before, where: tree }), replace: true });
  const predicate = ready(where);
  const open = unfilled(where);
  return (
    <Page
      title={t('title')}
      about={t('about')}
      crumbs={[{ label: t('segments'), to: '/segments' }]}
      actions={
        mayDefine ? (
          <Button type="primary" disabled={!predicate || open > 0} onClick={() => setSaving(true)}>
            {t('save.button')}
          </Button>
        ) : (
          <Pill tone="warn">{t('save.mayNot')}</Pill>
        )
      }
    >
      <CatalogueContext value={known}>
        <div className="grid">
          <div className="span-8">
            <Panel title={t('conditions')} about={t('conditionsAbout')}>
              <GroupEditor root={where} group={where} path={[]} change={change} />
            </Panel>
          </div>
          <div className="span-4 builder-side">
            <LiveCount predicate={predicate} unfilled={open} purpose={purpose} />
          </div>
        </div>
      </CatalogueContext>
      {saving && predicate && <SaveDialog predicate={predicate} close={() => setSaving(false)} />}
    </Page>
  );
}
