// Name and password; the code of an authenticator when the server asks for it.

import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/error';
import type { components } from '@/api/schema';
import type { Me } from '@/app/session';
import { ErrorNote } from '@/ui/async';

type SignIn = components['schemas']['SignIn'];

interface CredentialsProps {
  /** Whether somebody was sent here from a page. */
  expired: boolean;
  signedIn: (me: Me, password: string) => void;
}

export function Credentials({ expired, signedIn }: CredentialsProps) {
  const { t } = useTranslation('sign-in');
  const [secondFactor, setSecondFactor] = useState(false);
  const [form] = Form.useForm<SignIn>();
  const enter = useMutation({
    mutationFn: (body: SignIn) => ask(api.POST('/v1/sign-in', { body })),
    onSuccess: (me, { password }) => signedIn(me, password),
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'second_factor') setSecondFactor(true);
    },
  });
  const back = () => {
    enter.reset();
    form.setFieldValue('code', undefined);
    setSecondFactor(false);
  };
  return (
    <>
      <h1>{t(secondFactor ? 'code.title' : 'title')}</h1>
      <p className="quiet">{t(secondFactor ? 'code.about' : 'about')}</p>
      <Note error={enter.error} expired={expired && !secondFactor} />
      <Form form={form} layout="vertical" requiredMark={false} size="large" onFinish={(body: SignIn) => enter.mutate(body)}>
        <div hidden={secondFactor}>
          <Form.Item name="user" label={t('user')} rules={[{ required: true, message: t('userMissing') }]}>
            <Input autoComplete="username" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('passwordMissing') }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
        </div>
        {secondFactor && (
          <Form.Item name="code" label={t('code.label')} extra={t('code.recovery')} rules={[{ required: true, message: t('code.missing') }]}>
            {/* The step exists to type the code. */}
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
            <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={32} className="sign-in-code" />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" block loading={enter.isPending}>
          {t(secondFactor ? 'code.enter' : 'enter')}
        </Button>
        {secondFactor && (
          <Button type="link" block onClick={back}>
            {t('code.back')}
          </Button>
        )}
      </Form>
    </>
  );
}

interface NoteProps {
  error: Error | null;
  expired: boolean;
}

const plain = ['wrong_credentials', 'throttled'] as const;

function Note({ error, expired }: NoteProps) {
  const { t } = useTranslation('sign-in');
  if (!error) return expired ? <Alert className="sign-in-note" type="info" showIcon title={t('expired')} /> : null;
  if (!(error instanceof ApiError)) return <ErrorNote error={error} />;
  if (error.code === 'second_factor') return null;
  const known = plain.find((each) => each === error.code);
  return known ? <Alert className="sign-in-note" type="error" showIcon role="alert" title={t(`refused.${known}`)} /> : <ErrorNote error={error} />;
}
