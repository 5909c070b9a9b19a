// Ways in beside the password: the bank's own sign-on.

import { LoginOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Divider } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ErrorNote } from '@/ui/async';

interface OtherWaysProps {
  /** Where somebody wants to go then. */
  next?: string;
}

/** Nothing, where a password is the only way. */
export function OtherWays({ next }: OtherWaysProps) {
  const { t } = useTranslation('sign-in');
  const ways = useQuery({ queryKey: ['ways-in'], queryFn: ({ signal }) => ask(api.GET('/v1/sign-in/ways', { signal })), staleTime: Number.POSITIVE_INFINITY });
  if (!ways.data?.oidc) return null;
  return (
    <>
      <Divider plain>{t('ways.or')}</Divider>
      <SignOn name={ways.data.oidc} next={next} />
    </>
  );
}

interface SignOnProps extends OtherWaysProps {
  name: string;
}

/** Leads to the bank's own sign-on, which leads back. */
function SignOn({ name, next }: SignOnProps) {
  const { t } = useTranslation('sign-in');
  const leave = useMutation({
    mutationFn: () => ask(api.POST('/v1/sign-in/oidc', { body: { next } })),
    onSuccess: ({ url }) => globalThis.location.assign(url),
  });
  return (
    <>
      {leave.error && <ErrorNote error={leave.error} />}
      {/* The page goes away: what turns does so until it has. */}
      <Button block size="large" icon={<LoginOutlined aria-hidden />} loading={leave.isPending || leave.isSuccess} onClick={() => leave.mutate()}>
        {t('ways.oidc', { name })}
      </Button>
    </>
  );
}

const known = ['wrong_credentials', 'throttled', 'sign_on'] as const;

/** Why the bank's own sign-on led somebody back here. The code stands in the address: only words of ours are shown. */
export function RefusedThere({ code }: { code: string }) {
  const { t } = useTranslation('sign-in');
  const why = known.find((each) => each === code) ?? 'sign_on';
  return <Alert className="sign-in-note" type="error" showIcon role="alert" title={t(`ways.refused.${why}`)} />;
}
