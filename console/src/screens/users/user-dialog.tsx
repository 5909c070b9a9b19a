// A user to be added, or to be changed.

import { useMutation } from '@tanstack/react-query';
import { Checkbox, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { ErrorNote } from '@/ui/async';
import type { User } from './users';

type NewUser = components['schemas']['NewUser'];
type Role = components['schemas']['Role'];
type OneTimePassword = components['schemas']['OneTimePassword'];

const roles: readonly Role[] = ['analyst', 'marketer', 'risk_officer', 'service_agent', 'compliance_officer', 'data_engineer', 'administrator'];
/** As the server asks for it. */
const USER_NAME = /^[a-z0-9._-]+$/;

interface UserDialogProps {
  user?: User;
  close: () => void;
  done: (user: string, password?: OneTimePassword) => void;
}

export function UserDialog({ user, close, done }: UserDialogProps) {
  const { t } = useTranslation('users');
  const [form] = Form.useForm<NewUser>();
  const save = useMutation({
    mutationFn: (typed: NewUser) => (user ? change(user.user, typed) : ask(api.POST('/v1/users', { body: typed }))),
    onSuccess: (password, typed) => done(user?.user ?? typed.user, password),
  });
  return (
    <Modal open title={user ? t('dialog.change', { user: user.name }) : t('dialog.new')} okText={user ? t('dialog.save') : t('dialog.add')} cancelText={t('common:cancel')} confirmLoading={save.isPending} onCancel={close} onOk={() => form.submit()}>
      {save.error && <ErrorNote error={save.error} />}
      <Form form={form} layout="vertical" requiredMark={false} initialValues={user ?? { roles: [] }} onFinish={(typed) => save.mutate(typed)}>
        {!user && (
          <Form.Item name="user" label={t('dialog.user')} extra={t('dialog.userRule')} rules={[{ required: true, pattern: USER_NAME, message: t('dialog.userWrong') }]}>
            <Input autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
        )}
        <Form.Item name="name" label={t('dialog.name')} rules={[{ required: true, whitespace: true, message: t('dialog.nameMissing') }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="roles" label={t('dialog.roles')} rules={[{ required: true, type: 'array', min: 1, message: t('dialog.rolesMissing') }]}>
          <Checkbox.Group className="roles" options={roles.map((role) => ({ value: role, label: t(`common:role.${role}`) }))} />
        </Form.Item>
      </Form>
      {!user && <p className="quiet">{t('dialog.then')}</p>}
    </Modal>
  );
}

async function change(user: string, { name, roles: wanted }: NewUser): Promise<undefined> {
  await ask(api.PATCH('/v1/users/{user}', { params: { path: { user } }, body: { name, roles: wanted } }));
}
