// Passkeys of one's own: they sign in alone, and are asked for beside the password.

import { PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Form, Input, Modal, Popconfirm, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/error';
import type { components } from '@/api/schema';
import { useWaysIn } from '@/screens/sign-in/other-ways';
import { gaveUp, isKnown, made } from '@/screens/sign-in/webauthn';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { When } from '@/ui/values';

type Passkey = components['schemas']['Passkey'];

const passkeysKey = ['me', 'passkeys'] as const;
/** As the server takes it. */
const NAME_MAX = 60;

/** Nothing, where passkeys cannot be used. */
export function Passkeys() {
  const { t } = useTranslation('account');
  const [naming, setNaming] = useState<Passkey | 'new'>();
  const usable = useWaysIn().passkeys;
  const passkeys = useQuery({ queryKey: passkeysKey, queryFn: ({ signal }) => ask(api.GET('/v1/me/passkeys', { signal })), enabled: usable });
  if (!usable) return null;
  return (
    <Panel
      title={t('passkeys.title')}
      about={t('passkeys.about')}
      flush
      extra={
        <Button icon={<PlusOutlined aria-hidden />} onClick={() => setNaming('new')}>
          {t('passkeys.add')}
        </Button>
      }
    >
      <Async of={passkeys} empty={<Empty title={t('passkeys.none')} next={t('passkeys.noneNext')} />}>
        {(list) => <PasskeyTable passkeys={list} rename={setNaming} />}
      </Async>
      {naming && <Naming of={naming === 'new' ? undefined : naming} close={() => setNaming(undefined)} />}
    </Panel>
  );
}

interface PasskeyTableProps {
  passkeys: Passkey[];
  rename: (passkey: Passkey) => void;
}

function PasskeyTable({ passkeys, rename }: PasskeyTableProps) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/v1/me/passkeys/{id}', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: passkeysKey }),
  });
  const columns: TableColumnsType<Passkey> = [
    { title: t('passkeys.name'), key: 'name', render: (_, passkey) => <span className="row"><strong>{passkey.name}</strong>{passkey.synced && <Pill>{t('passkeys.synced')}</Pill>}</span> },
    { title: t('passkeys.made'), key: 'made', render: (_, passkey) => <When at={passkey.made_at} as="day" /> },
    { title: t('passkeys.used'), key: 'used', render: (_, passkey) => (passkey.used_at ? <When at={passkey.used_at} as="near" /> : <span className="quiet">{t('passkeys.never')}</span>) },
    {
      title: <span className="visually-hidden">{t('passkeys.actions')}</span>,
      key: 'actions',
      align: 'right',
      render: (_, passkey) => (
        <span className="row" style={{ justifyContent: 'flex-end' }}>
          <Button size="small" aria-label={t('passkeys.renameOf', { name: passkey.name })} onClick={() => rename(passkey)}>
            {t('passkeys.rename')}
          </Button>
          <Popconfirm title={t('passkeys.removeSure', { name: passkey.name })} okText={t('passkeys.remove')} cancelText={t('common:cancel')} onConfirm={() => remove.mutate(passkey.id)}>
            <Button size="small" aria-label={t('passkeys.removeOf', { name: passkey.name })}>
              {t('passkeys.remove')}
            </Button>
          </Popconfirm>
        </span>
      ),
    },
  ];
  return (
    <>
      {remove.error && <PasskeyError error={remove.error} />}
      <DataTable size="small" rowKey="id" columns={columns} dataSource={passkeys} />
    </>
  );
}

interface NamingProps {
  /** The passkey to be called something else; a new one is made without. */
  of?: Passkey;
  close: () => void;
}

function Naming({ of, close }: NamingProps) {
  const { t } = useTranslation('account');
  const [form] = Form.useForm<{ name: string }>();
  const queries = useQueryClient();
  const keep = useMutation({
    mutationFn: ({ name }: { name: string }) => (of ? callIt(of, name) : add(name)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: passkeysKey });
      close();
    },
  });
  return (
    <Modal open title={t(of ? 'passkeys.renameTitle' : 'passkeys.new')} okText={t(of ? 'passkeys.save' : 'passkeys.make')} cancelText={t('common:cancel')} confirmLoading={keep.isPending} onCancel={close} onOk={() => form.submit()}>
      {keep.error && <PasskeyError error={keep.error} />}
      {!of && <p className="quiet">{t('passkeys.newAbout')}</p>}
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name: of?.name }} onFinish={(typed) => keep.mutate(typed)}>
        <Form.Item name="name" label={t('passkeys.name')} rules={[{ required: true, whitespace: true, message: t('passkeys.nameMissing') }]}>
          <Input autoComplete="off" maxLength={NAME_MAX} placeholder={t('passkeys.example')} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

async function callIt({ id }: Passkey, name: string): Promise<void> {
  await ask(api.PATCH('/v1/me/passkeys/{id}', { params: { path: { id } }, body: { name } }));
}

async function add(name: string): Promise<void> {
  const begun = await ask(api.POST('/v1/me/passkeys/begin'));
  await ask(api.POST('/v1/me/passkeys', { body: await made(begun, name) }));
}

function PasskeyError({ error }: { error: Error }) {
  const { t } = useTranslation('account');
  if (gaveUp(error)) return <Alert type="info" showIcon role="status" title={t('passkeys.gaveUp')} />;
  if (isKnown(error)) return <Alert type="info" showIcon role="status" title={t('passkeys.known')} />;
  if (!(error instanceof ApiError) || error.code !== 'sign_in_again') return <ErrorNote error={error} />;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('passkeys.again')}
      action={
        <Link to="/sign-in" search={{ next: '/account' }}>
          {t('passkeys.signIn')}
        </Link>
      }
    />
  );
}
