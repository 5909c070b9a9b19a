// Ways in beside the password: passkeys, and the bank's own sign-on.

import { KeyOutlined, LoginOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Divider } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/error';
import type { components } from '@/api/schema';
import type { Me } from '@/app/session';
import { ErrorNote } from '@/ui/async';
import { gaveUp, hasPasskeys, signed } from './webauthn';

type Signed = components['schemas']['PasskeyAnswer'];

/** Which ways in there are; they do not change while somebody looks. */
export function useWaysIn() {
  const ways = useQuery({ queryKey: ['ways-in'], queryFn: ({ signal }) => ask(api.GET('/v1/sign-in/ways', { signal })), staleTime: Number.POSITIVE_INFINITY });
  return { oidc: ways.data?.oidc, passkeys: ways.data?.passkeys === true && hasPasskeys() };
}

interface OtherWaysProps {
  /** Where somebody wants to go then. */
  next?: string;
  signedIn: (me: Me) => void;
}

/** Nothing, where a password is the only way. */
export function OtherWays({ next, signedIn }: OtherWaysProps) {
  const { t } = useTranslation('sign-in');
  const { oidc, passkeys } = useWaysIn();
  if (!oidc && !passkeys) return null;
  return (
    <>
      <Divider plain>{t('ways.or')}</Divider>
      <div className="sign-in-ways">
        {passkeys && <WithPasskey send={(passkey) => ask(api.POST('/v1/sign-in/passkey', { body: passkey }))} signedIn={signedIn} />}
        {oidc && <SignOn name={oidc} next={next} />}
      </div>
    </>
  );
}

interface WithPasskeyProps {
  /** What to do with what the passkey signed. */
  send: (signed: Signed) => Promise<Me>;
  signedIn: (me: Me) => void;
  primary?: boolean;
}

/** Asks for a passkey: alone, or beside a password. */
export function WithPasskey({ send, signedIn, primary }: WithPasskeyProps) {
  const { t } = useTranslation('sign-in');
  const enter = useMutation({
    mutationFn: async () => send(await signed(await ask(api.POST('/v1/sign-in/passkey/challenge')))),
    onSuccess: signedIn,
  });
  return (
    <div>
      {enter.error && <PasskeyNote error={enter.error} />}
      <Button block size="large" type={primary ? 'primary' : 'default'} icon={<KeyOutlined aria-hidden />} loading={enter.isPending} onClick={() => enter.mutate()}>
        {t('ways.passkey')}
      </Button>
    </div>
  );
}

function PasskeyNote({ error }: { error: Error }) {
  const { t } = useTranslation('sign-in');
  if (gaveUp(error)) return <Alert className="sign-in-note" type="info" showIcon role="status" title={t('ways.noPasskey')} />;
  if (error instanceof ApiError && error.code === 'wrong_credentials') return <Alert className="sign-in-note" type="error" showIcon role="alert" title={t('ways.wrongPasskey')} />;
  if (error instanceof ApiError && error.code === 'throttled') return <Alert className="sign-in-note" type="error" showIcon role="alert" title={t('refused.throttled')} />;
  return <ErrorNote error={error} />;
}

interface SignOnProps {
  name: string;
  next?: string;
}

/** Leads to the bank's own sign-on, which leads back. */
function SignOn({ name, next }: SignOnProps) {
  const { t } = useTranslation('sign-in');
  const leave = useMutation({
    mutationFn: () => ask(api.POST('/v1/sign-in/oidc', { body: { next } })),
    onSuccess: ({ url }) => globalThis.location.assign(url),
  });
  return (
    <div>
      {leave.error && <ErrorNote error={leave.error} />}
      {/* The page goes away: what turns does so until it has. */}
      <Button block size="large" icon={<LoginOutlined aria-hidden />} loading={leave.isPending || leave.isSuccess} onClick={() => leave.mutate()}>
        {t('ways.oidc', { name })}
      </Button>
    </div>
  );
}

const known = ['wrong_credentials', 'throttled', 'sign_on'] as const;

/** Why the bank's own sign-on led somebody back here. The code stands in the address: only words of ours are shown. */
export function RefusedThere({ code }: { code: string }) {
  const { t } = useTranslation('sign-in');
  const why = known.find((each) => each === code) ?? 'sign_on';
  return <Alert className="sign-in-note" type="error" showIcon role="alert" title={t(`ways.refused.${why}`)} />;
}
