// Keys with which machines act for this user.

import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Modal, Popconfirm, Select, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { useMe } from '@/app/session';
import { Once } from '@/screens/users/once';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { When } from '@/ui/values';

type Key = components['schemas']['Key'];
type NewKey = components['schemas']['NewKey'];
type MadeKey = components['schemas']['MadeKey'];
type Scope = components['schemas']['KeyScope'];

const keysKey = ['me', 'keys'] as const;
const scopes: readonly Scope[] = ['query', 'write', 'collect', 'sql', 'admin'];
const lifetimes = [30, 90, 365] as const;

export function Keys() {
  const { t } = useTranslation('account');
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeKey>();
  const keys = useQuery({ queryKey: keysKey, queryFn: ({ signal }) => ask(api.GET('/v1/me/keys', { signal })) });
  return (
    <Panel
      title={t('keys.title')}
      about={t('keys.about')}
      flush
      extra={
        <Button icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
          {t('keys.add')}
        </Button>
      }
    >
      <Async of={keys} empty={<Empty title={t('keys.none')} next={t('keys.noneNext')} />}>
        {(list) => <KeyTable keys={list} />}
      </Async>
      {adding && (
        <AddKey
          close={() => setAdding(false)}
          done={(key) => {
            setAdding(false);
            setMade(key);
          }}
        />
      )}
      {made && (
        <Once title={t('keys.made', { name: made.key.name })} about={t('keys.once')} secret={made.secret} close={() => setMade(undefined)}>
          {t('keys.id')} <code>{made.key.id}</code>
        </Once>
      )}
    </Panel>
  );
}

function KeyTable({ keys }: { keys: Key[] }) {
  const { t } = useTranslation('account');
  const { message } = App.useApp();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/v1/me/keys/{id}', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysKey }),
    onError: (error) => void message.error(error.message),
  });
  const columns: TableColumnsType<Key> = [
    { title: t('keys.name'), key: 'name', render: (_, key) => <span><strong>{key.name}</strong><br /><code className="quiet">{key.id}</code></span> },
    { title: t('keys.for'), key: 'scopes', render: (_, key) => <span className="row">{key.scopes.map((scope) => <Pill key={scope} tone={scope === 'admin' ? 'warn' : 'plain'}>{t(`scope.${scope}`)}</Pill>)}</span> },
    { title: t('keys.used'), key: 'used', render: (_, key) => (key.used_at ? <When at={key.used_at} as="near" /> : <span className="quiet">{t('keys.never')}</span>) },
    { title: t('keys.ends'), key: 'ends', render: (_, key) => (key.revoked ? <Pill>{t('keys.revoked')}</Pill> : <When at={key.ends_at} as="day" />) },
    {
      title: <span className="visually-hidden">{t('keys.actions')}</span>,
      key: 'revoke',
      align: 'right',
      render: (_, key) => !key.revoked && (
        <Popconfirm title={t('keys.revokeSure', { name: key.name })} okText={t('keys.revoke')} cancelText={t('common:cancel')} onConfirm={() => revoke.mutate(key.id)}>
          <Button size="small" aria-label={t('keys.revokeOf', { name: key.name })}>
            {t('keys.revoke')}
          </Button>
        </Popconfirm>
      ),
    },
  ];
  return <DataTable size="small" rowKey="id" columns={columns} dataSource={keys} />;
}

interface AddKeyProps {
  close: () => void;
  done: (key: MadeKey) => void;
}

function AddKey({ close, done }: AddKeyProps) {
  const { t } = useTranslation('account');
  const me = useMe();
  const [form] = Form.useForm<NewKey>();
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (body: NewKey) => ask(api.POST('/v1/me/keys', { body })),
    onSuccess: (key) => {
      void queries.invalidateQueries({ queryKey: keysKey });
      done(key);
    },
  });
  return (
    <Modal open title={t('keys.new')} okText={t('keys.add')} cancelText={t('common:cancel')} confirmLoading={add.isPending} onCancel={close} onOk={() => form.submit()}>
      {add.error && <ErrorNote error={add.error} />}
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ scopes: ['query'], roles: me.roles, days: 90 }} onFinish={(body) => add.mutate(body)}>
        <Form.Item name="name" label={t('keys.name')} rules={[{ required: true, whitespace: true, message: t('keys.nameMissing') }]}>
          <Input autoComplete="off" placeholder={t('keys.example')} />
        </Form.Item>
        <Form.Item name="scopes" label={t('keys.for')} rules={[{ required: true, type: 'array', min: 1, message: t('keys.scopeMissing') }]}>
          <Checkbox.Group className="stacked" options={scopes.map((scope) => ({ value: scope, label: `${t(`scope.${scope}`)} — ${t(`scopeAbout.${scope}`)}` }))} />
        </Form.Item>
        <Form.Item name="roles" label={t('keys.roles')}>
          <Checkbox.Group className="roles" options={me.roles.map((role) => ({ value: role, label: t(`common:role.${role}`) }))} />
        </Form.Item>
        <Form.Item name="days" label={t('keys.days')}>
          <Select options={lifetimes.map((days) => ({ value: days, label: t('keys.forDays', { count: days }) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
