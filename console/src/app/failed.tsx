// What stands in the place of a screen that broke, or that is not there.

import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '@/ui/async';
import { Page } from '@/ui/page';

export function Failed({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('common');
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title={t('failed.title')} width="text">
      <ErrorNote error={error instanceof Error ? error : new Error(String(error))} retry={again} />
      <p>
        <Button onClick={() => window.location.reload()}>{t('failed.reload')}</Button>
      </p>
    </Page>
  );
}

export function NotFound() {
  const { t } = useTranslation('common');
  return (
    <Page title={t('notFound.title')} about={t('notFound.about')} width="text">
      <Link to="/">{t('notFound.home')}</Link>
    </Page>
  );
}
