// Who may sign in, as what. An administrator adds users and resets passwords; nobody here sees a password that stays.

import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Switch, type TableColumnsType, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { useMe } from '@/app/session';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { When } from '@/ui/values';
import { Once } from './once';
import { UserDialog } from './user-dialog';

export type User = components['schemas']['User'];
type OneTimePassword = components['schemas']['OneTimePassword'];

const usersKey = ['users'] as const;

export function UsersScreen() {
  const { t } = useTranslation('users');
  const [editing, setEditing] = useState<User | 'new'>();
  const [once, setOnce] = useState<{ user: string; password: OneTimePassword }>();
  const queries = useQueryClient();
  const users = useQuery({ queryKey: usersKey, queryFn: ({ signal }) => ask(api.GET('/v1/users', { signal })) });
  const refresh = () => queries.invalidateQueries({ queryKey: usersKey });
  return (
    <Page
      title={t('title')}
      about={t('about')}
      actions={
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEditing('new')}>
          {t('add')}
        </Button>
      }
    >
      <Panel flush>
        <Async of={users} empty={<Empty title={t('none')} />}>
          {(list) => <UserTable users={list} edit={setEditing} showOnce={(user, password) => setOnce({ user, password })} />}
        </Async>
      </Panel>
      {editing && (
        <UserDialog
          user={editing === 'new' ? undefined : editing}
          close={() => setEditing(undefined)}
          done={(user, password) => {
            setEditing(undefined);
            void refresh();
            if (password) setOnce({ user, password });
          }}
        />
      )}
      {once && (
        <Once title={t('once.title', { user: once.user })} about={t('once.about')} secret={once.password.password} close={() => setOnce(undefined)}>
          {t('once.until')} <When at={once.password.ends_at} />
        </Once>
      )}
    </Page>
  );
}

interface UserTableProps {
  users: User[];
  edit: (user: User) => void;
  showOnce: (user: string, password: OneTimePassword) => void;
}

function UserTable({ users, edit, showOnce }: UserTableProps) {
  const { t } = useTranslation('users');
  const columns: TableColumnsType<User> = [
    { title: t('column.user'), key: 'user', render: (_, user) => <span className="user-cell"><strong>{user.name}</strong><code>{user.user}</code></span> },
    { title: t('column.roles'), key: 'roles', render: (_, user) => <Roles roles={user.roles} /> },
    { title: t('column.since'), key: 'made_at', render: (_, user) => <When at={user.made_at} as="day" /> },
    { title: t('column.enabled'), key: 'enabled', render: (_, user) => <Enabled user={user} /> },
    {
      title: <span className="visually-hidden">{t('column.actions')}</span>,
      key: 'actions',
      align: 'right',
      render: (_, user) => (
        <span className="row" style={{ justifyContent: 'flex-end' }}>
          <Button size="small" onClick={() => edit(user)} aria-label={t('editOf', { user: user.name })}>
            {t('edit')}
          </Button>
          <Reset user={user} showOnce={showOnce} />
        </span>
      ),
    },
  ];
  return <DataTable rowKey="user" columns={columns} dataSource={users} pagination={users.length > 50 ? { pageSize: 50 } : false} />;
}

function Roles({ roles }: { roles: User['roles'] }) {
  const { t } = useTranslation('users');
  return (
    <span className="row">
      {roles.map((role) => (
        <Pill key={role}>{t(`common:role.${role}`)}</Pill>
      ))}
    </span>
  );
}

function Enabled({ user }: { user: User }) {
  const { t } = useTranslation('users');
  const me = useMe();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (enabled: boolean) => ask(api.PATCH('/v1/users/{user}', { params: { path: { user: user.user } }, body: { enabled } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: usersKey }),
    onError: (error) => void message.error(error.message),
  });
  const self = user.user === me.user;
  return (
    <Tooltip title={self ? t('notSelf') : undefined}>
      <Switch checked={user.enabled} disabled={self} loading={change.isPending} onChange={(enabled) => change.mutate(enabled)} aria-label={t('enabledOf', { user: user.name })} />
    </Tooltip>
  );
}

function Reset({ user, showOnce }: { user: User; showOnce: UserTableProps['showOnce'] }) {
  const { t } = useTranslation('users');
  const { message, modal } = App.useApp();
  const reset = useMutation({
    mutationFn: () => ask(api.POST('/v1/users/{user}/password', { params: { path: { user: user.user } } })),
    onSuccess: (password) => showOnce(user.user, password),
    onError: (error) => void message.error(error.message),
  });
  const sure = () => void modal.confirm({ title: t('reset.title', { user: user.name }), content: t('reset.about'), okText: t('reset.ok'), cancelText: t('common:cancel'), onOk: () => reset.mutateAsync().catch(() => {}) });
  return (
    <Button size="small" onClick={sure} aria-label={t('resetOf', { user: user.name })}>
      {t('reset.button')}
    </Button>
  );
}
