// Password, then the authenticator's code where one is asked for, then another password where this one was for one time.

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { arrive, type Me, meQuery } from '@/app/session';
import { LanguageSwitch, ThemeSwitch } from '@/app/switches';
import { Mark } from '@/ui/icons';
import { ChangePassword } from './change-password';
import { Credentials } from './credentials';
import { signInRoute } from './routes';
import './sign-in.css';

export function SignIn() {
  const { t } = useTranslation('sign-in');
  const { next } = signInRoute.useSearch();
  const navigate = useNavigate();
  const [mustChange, setMustChange] = useState<{ old?: string }>();
  // Somebody with a one-time password who opened the console anew is known already.
  const known = useQuery({ ...meQuery, retry: false, enabled: next !== undefined });
  useEffect(() => {
    document.title = `${t('title')} · Florin`;
  }, [t]);
  const enter = (me: Me) => {
    arrive(me);
    void navigate({ to: next ?? '/', replace: true });
  };
  const signedIn = (me: Me, password: string) => (me.must_change_password ? setMustChange({ old: password }) : enter(me));
  const changing = mustChange ?? (known.data?.must_change_password ? {} : undefined);
  return (
    <Frame>
      {changing ? (
        <ChangePassword old={changing.old} done={enter} />
      ) : (
        <Credentials expired={next !== undefined} signedIn={signedIn} />
      )}
    </Frame>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation('sign-in');
  return (
    <div className="sign-in">
      <section className="sign-in-side" aria-label="Florin">
        <p className="sign-in-mark">
          <Mark size={40} />
          <strong>Florin</strong>
        </p>
        <div>
          <p className="sign-in-line">{t('line')}</p>
          <ul>
            <li>{t('promise.purpose')}</li>
            <li>{t('promise.consent')}</li>
            <li>{t('promise.record')}</li>
          </ul>
        </div>
        <p className="sign-in-small">{t('watched')}</p>
      </section>
      <main className="sign-in-main">
        <div className="sign-in-tools">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
        <div className="sign-in-form">{children}</div>
      </main>
    </div>
  );
}
