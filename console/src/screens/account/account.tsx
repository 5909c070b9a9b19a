// One's own account.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useMe } from '@/app/session';
import { NewPassword } from '@/screens/sign-in/new-password';
import { ErrorNote } from '@/ui/async';
import { Page, Panel } from '@/ui/page';
import { Keys } from './keys';
import { Passkeys } from './passkeys';
import { SecondFactor } from './second-factor';

export function AccountScreen() {
  const { t } = useTranslation('account');
  const me = useMe();
  return (
    <Page title={t('title')} about={t('about', { user: me.user })} width="text">
      <SecondFactor />
      <Passkeys />
      <Keys />
      <ChangePassword />
      <Everywhere />
    </Page>
  );
}

interface Passwords {
  password: string;
  new_password: string;
}

function ChangePassword() {
  const { t } = useTranslation('account');
  const { message } = App.useApp();
  const [form] = Form.useForm<Passwords>();
  const change = useMutation({
    mutationFn: ({ password, new_password }: Passwords) => ask(api.POST('/v1/me/password', { body: { old: password, new: new_password } })),
    onSuccess: () => {
      form.resetFields();
      void message.success(t('password.done'));
    },
  });
  return (
    <Panel title={t('password.title')} about={t('password.about')}>
      {change.error && <ErrorNote error={change.error} />}
      <Form form={form} layout="vertical" requiredMark={false} style={{ maxWidth: 380 }} onFinish={(typed: Passwords) => change.mutate(typed)}>
        <Form.Item name="password" label={t('factor.passwordLabel')} rules={[{ required: true, message: t('factor.passwordMissing') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <NewPassword form={form} />
        <Button htmlType="submit" loading={change.isPending}>
          {t('password.save')}
        </Button>
      </Form>
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
