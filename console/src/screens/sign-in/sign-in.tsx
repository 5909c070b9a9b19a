// Signing in: what stands around the form.

import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { arrive, type Me } from '@/app/session';
import { LanguageSwitch, ThemeSwitch } from '@/app/switches';
import { Mark } from '@/ui/icons';
import { Credentials } from './credentials';
import { signInRoute } from './routes';
import './sign-in.css';

export function SignIn() {
  const { t } = useTranslation('sign-in');
  const { next, refused } = signInRoute.useSearch();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = `${t('title')} · Florin`;
  }, [t]);
  const enter = (me: Me) => {
    arrive(me);
    void navigate({ to: next ?? '/', replace: true });
  };
  return (
    <Frame>
      <Credentials next={next} refused={refused} signedIn={enter} />
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
