// Showing that the rules were kept: who read what and for which purpose, what customers said, what the policies allow.

import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/app/session';
import { Page } from '@/ui/page';
import { Audit } from './audit';
import { Consent } from './consent';
import { Policies } from './policies';
import { governanceRoute } from './routes';
import './governance.css';

export function GovernanceScreen() {
  const { t } = useTranslation('governance');
  const audit = useMay('read_audit');
  const { part = audit ? 'audit' : 'policies' } = governanceRoute.useSearch();
  const navigate = governanceRoute.useNavigate();
  return (
    <Page title={t('title')} about={t('about')}>
      <Tabs
        activeKey={part}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, part: next as typeof part }) })}
        destroyOnHidden
        items={[
          { key: 'audit', label: t('audit.title'), children: <Audit /> },
          { key: 'consent', label: t('consent.title'), children: <Consent /> },
          { key: 'policies', label: t('policies.title'), children: <Policies /> },
        ]}
      />
    </Page>
  );
}
