// Another password instead of a one-time one. Also on the account's own page.

import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { Me } from '@/app/session';
import { ErrorNote } from '@/ui/async';

/** As the server asks for it. */
const LENGTH_MIN = 12;

interface Passwords {
  old: string;
  new: string;
  again: string;
}

interface ChangePasswordProps {
  /** The one-time password that was just typed: it need not be typed again. */
  old?: string;
  done: (me: Me) => void;
}

export function ChangePassword({ old, done }: ChangePasswordProps) {
  const { t } = useTranslation('sign-in');
  return (
    <>
      <h1>{t('change.title')}</h1>
      <p className="quiet">{t('change.about')}</p>
      <PasswordForm old={old} done={done} />
    </>
  );
}

export function PasswordForm({ old, done }: ChangePasswordProps) {
  const { t } = useTranslation('sign-in');
  const [form] = Form.useForm<Passwords>();
  const change = useMutation({
    mutationFn: (typed: Passwords) => ask(api.POST('/v1/me/password', { body: { old: old ?? typed.old, new: typed.new } })),
    onSuccess: (me) => {
      form.resetFields();
      done(me);
    },
  });
  const same = async (_: unknown, value: string) => {
    if (value !== form.getFieldValue('new')) throw new Error(t('change.different'));
  };
  const other = async (_: unknown, value: string) => {
    if (value && value === (old ?? form.getFieldValue('old'))) throw new Error(t('change.sameAsOld'));
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} size="large" onFinish={(typed: Passwords) => change.mutate(typed)}>
      {change.error && <ErrorNote error={change.error} />}
      {old === undefined && (
        <Form.Item name="old" label={t('change.old')} rules={[{ required: true, message: t('passwordMissing') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
      )}
      <Form.Item name="new" label={t('change.new')} extra={t('change.rule', { count: LENGTH_MIN })} rules={[{ required: true, min: LENGTH_MIN, message: t('change.tooShort', { count: LENGTH_MIN }) }, { validator: other }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="again" label={t('change.again')} dependencies={['new']} rules={[{ validator: same }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={change.isPending}>
        {t('change.save')}
      </Button>
    </Form>
  );
}
