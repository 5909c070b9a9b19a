// Name and password; then the code of an authenticator, a passkey and another password, when the server asks for them. Each time all is
// sent anew, so nobody is ever half signed in.

import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/error';
import type { components } from '@/api/schema';
import type { Me } from '@/app/session';
import { ErrorNote } from '@/ui/async';
import { NewPassword } from './new-password';
import { OtherWays, RefusedThere, useWaysIn, WithPasskey } from './other-ways';

type SignIn = components['schemas']['SignIn'];
type Stage = 'password' | 'code' | 'passkey' | 'change';

/** What the server asks for next. */
const asks: Record<string, Stage> = { second_factor: 'code', passkey: 'passkey', must_change_password: 'change' };

interface CredentialsProps {
  /** Where somebody was sent here from. */
  next?: string;
  /** Why the bank's own sign-on led them back here. */
  refused?: string;
  signedIn: (me: Me) => void;
}

/** All that is known so far. */
const again = ({ user, password, code, passkey, new_password }: SignIn) => ask(api.POST('/v1/sign-in', { body: { user, password, code, passkey, new_password } }));

export function Credentials({ next, refused, signedIn }: CredentialsProps) {
  const { t } = useTranslation('sign-in');
  const [stage, setStage] = useState<Stage>('password');
  const { passkeys } = useWaysIn();
  const [form] = Form.useForm<SignIn & { again?: string }>();
  const enter = useMutation({
    mutationFn: again,
    onSuccess: signedIn,
    onError: (error) => {
      const asked = error instanceof ApiError ? asks[error.code] : undefined;
      if (asked) setStage(asked);
    },
  });
  const typed = () => form.getFieldsValue(true) as SignIn;
  const back = () => {
    enter.reset();
    form.resetFields(['code', 'new_password', 'again']);
    setStage('password');
  };
  return (
    <>
      <h1>{t(`stage.${stage}.title`)}</h1>
      <p className="quiet">{t(`stage.${stage}.about`)}</p>
      <Note error={enter.error} expired={next !== undefined && stage === 'password'} refused={enter.isIdle ? refused : undefined} />
      {/* Fields of earlier stages stay in the form: they are sent again. */}
      <Form form={form} layout="vertical" requiredMark={false} size="large" onFinish={() => enter.mutate(typed())}>
        <div hidden={stage !== 'password'}>
          <Who />
        </div>
        {stage === 'code' && <Authenticator />}
        {stage === 'change' && <NewPassword form={form} />}
        {stage !== 'passkey' && (
          <Button type="primary" htmlType="submit" block loading={enter.isPending}>
            {t(`stage.${stage}.button`)}
          </Button>
        )}
        {/* Asked for by itself, or in the place of a code. */}
        {passkeys && (stage === 'passkey' || stage === 'code') && <WithPasskey primary={stage === 'passkey'} signedIn={signedIn} send={(passkey) => again({ ...typed(), code: undefined, passkey })} />}
        {stage !== 'password' && (
          <Button type="link" block onClick={back}>
            {t('code.back')}
          </Button>
        )}
      </Form>
      {stage === 'password' && <OtherWays next={next} signedIn={signedIn} />}
    </>
  );
}

function Who() {
  const { t } = useTranslation('sign-in');
  return (
    <>
      <Form.Item name="user" label={t('user')} rules={[{ required: true, message: t('userMissing') }]}>
        <Input autoComplete="username" autoCapitalize="none" spellCheck={false} />
      </Form.Item>
      <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('passwordMissing') }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
    </>
  );
}

function Authenticator() {
  const { t } = useTranslation('sign-in');
  return (
    <Form.Item name="code" preserve label={t('code.label')} extra={t('code.recovery')} rules={[{ required: true, message: t('code.missing') }]}>
      {/* The step exists to type the code. */}
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={32} className="sign-in-code" />
    </Form.Item>
  );
}

interface NoteProps {
  error: Error | null;
  expired: boolean;
  refused?: string;
}

const plain = ['wrong_credentials', 'throttled'] as const;

function Note({ error, expired, refused }: NoteProps) {
  const { t } = useTranslation('sign-in');
  if (!error && refused) return <RefusedThere code={refused} />;
  if (!error) return expired ? <Alert className="sign-in-note" type="info" showIcon title={t('expired')} /> : null;
  if (!(error instanceof ApiError)) return <ErrorNote error={error} />;
  if (error.code in asks) return null;
  const known = plain.find((each) => each === error.code);
  return known ? <Alert className="sign-in-note" type="error" showIcon role="alert" title={t(`refused.${known}`)} /> : <ErrorNote error={error} />;
}
