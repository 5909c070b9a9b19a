// One's own account.

import { useQueryClient } from '@tanstack/react-query';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { meQuery, useMe } from '@/app/session';
import { PasswordForm } from '@/screens/sign-in/change-password';
import { Page, Panel } from '@/ui/page';
import { Keys } from './keys';
import { SecondFactor } from './second-factor';

export function AccountScreen() {
  const { t } = useTranslation('account');
  const me = useMe();
  return (
    <Page title={t('title')} about={t('about', { user: me.user })} width="text">
      <SecondFactor />
      <Keys />
      <Password />
      <Everywhere />
    </Page>
  );
}

function Password() {
  const { t } = useTranslation('account');
  const { message } = App.useApp();
  const queries = useQueryClient();
  return (
    <Panel title={t('password.title')} about={t('password.about')}>
      <div style={{ maxWidth: 380 }}>
        <PasswordForm
          done={(me) => {
            queries.setQueryData(meQuery.queryKey, me);
            void message.success(t('password.done'));
          }}
        />
      </div>
    </Panel>
  );
}

function Everywhere() {
  const { t } = useTranslation('account');
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: () => ask(api.POST('/v1/sign-out-everywhere')),
    onSuccess: async () => {
      await navigate({ to: '/sign-in' });
      queries.clear();
    },
    onError: (error) => void message.error(error.message),
  });
  const sure = () => void modal.confirm({ title: t('everywhere.sure'), okText: t('everywhere.ok'), cancelText: t('common:cancel'), onOk: () => leave.mutateAsync().catch(() => {}) });
  return (
    <Panel title={t('everywhere.title')} about={t('everywhere.about')}>
      <Button onClick={sure}>{t('everywhere.ok')}</Button>
    </Panel>
  );
}
