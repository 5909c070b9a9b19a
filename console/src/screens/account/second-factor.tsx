// An authenticator: a picture to scan, a code to confirm, recovery codes to keep.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, QRCode } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { meQuery, useMe } from '@/app/session';
import { ErrorNote } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';

type Enrolment = components['schemas']['Enrolment'];

export function SecondFactor() {
  const { t } = useTranslation('account');
  const me = useMe();
  const [asking, setAsking] = useState<'begin' | 'remove'>();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [codes, setCodes] = useState<string[]>();
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: meQuery.queryKey });
  const begun = (made: Enrolment | undefined) => {
    setAsking(undefined);
    setEnrolment(made);
    if (!made) refresh();
  };
  const confirmed = (recovery: string[]) => {
    setEnrolment(undefined);
    setCodes(recovery);
    refresh();
  };
  return (
    <Panel title={t('factor.title')} about={t('factor.about')} extra={<Pill tone={me.authenticator ? 'good' : 'warn'}>{t(me.authenticator ? 'factor.on' : 'factor.off')}</Pill>}>
      <Button type={me.authenticator ? 'default' : 'primary'} onClick={() => setAsking(me.authenticator ? 'remove' : 'begin')}>
        {t(me.authenticator ? 'factor.remove' : 'factor.begin')}
      </Button>
      {asking && <AskPassword what={asking} close={() => setAsking(undefined)} done={begun} />}
      {enrolment && <Confirm enrolment={enrolment} close={() => setEnrolment(undefined)} done={confirmed} />}
      {codes && <Recovery codes={codes} close={() => setCodes(undefined)} />}
    </Panel>
  );
}

interface AskPasswordProps {
  what: 'begin' | 'remove';
  close: () => void;
  done: (enrolment: Enrolment | undefined) => void;
}

/** Whoever finds an open screen must not be able to change how its owner signs in. */
function AskPassword({ what, close, done }: AskPasswordProps) {
  const { t } = useTranslation('account');
  const [form] = Form.useForm<{ password: string; code: string }>();
  const send = useMutation({
    mutationFn: async ({ password, code }: { password: string; code: string }) => {
      if (what === 'begin') return ask(api.POST('/v1/me/second-factor', { body: { password } }));
      await ask(api.POST('/v1/me/second-factor/remove', { body: { password, code } }));
      return undefined;
    },
    onSuccess: done,
  });
  return (
    <Modal open title={t('factor.password')} okText={t('factor.next')} cancelText={t('common:cancel')} confirmLoading={send.isPending} onCancel={close} onOk={() => form.submit()}>
      {send.error && <ErrorNote error={send.error} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(body) => send.mutate(body)}>
        <Form.Item name="password" label={t('factor.passwordLabel')} rules={[{ required: true, message: t('factor.passwordMissing') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        {what === 'remove' && (
          <Form.Item name="code" label={t('factor.codeOrRecovery')} rules={[{ required: true, whitespace: true, message: t('factor.codeMissing') }]}>
            <Input autoComplete="one-time-code" maxLength={32} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}

interface ConfirmProps {
  enrolment: Enrolment;
  close: () => void;
  done: (codes: string[]) => void;
}

function Confirm({ enrolment, close, done }: ConfirmProps) {
  const { t } = useTranslation('account');
  const [form] = Form.useForm<{ code: string }>();
  const confirm = useMutation({
    mutationFn: (body: { code: string }) => ask(api.POST('/v1/me/second-factor/confirm', { body })),
    onSuccess: ({ codes }) => done(codes),
  });
  return (
    <Modal open title={t('factor.scan')} okText={t('factor.confirm')} cancelText={t('common:cancel')} confirmLoading={confirm.isPending} onCancel={close} onOk={() => form.submit()}>
      {confirm.error && <ErrorNote error={confirm.error} />}
      <div className="row" style={{ gap: 20, margin: '12px 0 16px' }}>
        <div role="img" aria-label={t('factor.picture')}>
          <QRCode value={enrolment.uri} type="svg" size={168} color="#000000" bgColor="#ffffff" />
        </div>
        <div>
          <p className="quiet">{t('factor.byHand')}</p>
          <code style={{ overflowWrap: 'anywhere' }}>{enrolment.secret.match(/.{1,4}/g)?.join(' ')}</code>
        </div>
      </div>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(body) => confirm.mutate(body)}>
        <Form.Item name="code" label={t('factor.code')} rules={[{ required: true, pattern: /^\d{6}$/, message: t('factor.codeWrong') }]}>
          <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Recovery({ codes, close }: { codes: string[]; close: () => void }) {
  const { t } = useTranslation('account');
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(codes.join('\n')).then(
      () => message.success(t('recovery.copied')),
      () => message.warning(t('recovery.notCopied')),
    );
  return (
    <Modal
      open
      title={t('recovery.title')}
      onCancel={close}
      mask={{ closable: false }}
      footer={[
        <Button key="copy" onClick={() => void copy()}>
          {t('recovery.copy')}
        </Button>,
        <Button key="done" type="primary" onClick={close}>
          {t('recovery.done')}
        </Button>,
      ]}
    >
      <Alert type="warning" showIcon title={t('recovery.about')} />
      <ul style={{ columns: 2, margin: '16px 0', fontSize: 15, lineHeight: 2 }}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
