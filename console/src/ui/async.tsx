// What a part of a screen shows while it waits, when there is nothing, and when it failed. Old data stays visible in both
// later cases, under a badge that says so.

import { EmptyPicture } from './icons';
import { Alert, Button, Skeleton, Tag } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/error';

/** Waits shorter than this show nothing: a flash of grey bars feels slower than none. */
const SKELETON_AFTER_MS = 300;

/** What of TanStack's query a part needs. */
export interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  isPending: boolean;
  isFetching: boolean;
  isPlaceholderData?: boolean;
  refetch: () => unknown;
}

interface AsyncProps<T> {
  of: Asked<T>;
  children: (data: T) => ReactNode;
  /** Shown when `isEmpty` says so: why there is nothing, and what next. */
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  skeleton?: ReactNode;
}

export function Async<T>({ of, children, empty, isEmpty = nothingIn, skeleton }: AsyncProps<T>) {
  const { data, error, isFetching } = of;
  if (data === undefined) {
    if (error) return <ErrorNote error={error} retry={() => void of.refetch()} />;
    return <Waiting>{skeleton}</Waiting>;
  }
  if (empty !== undefined && !error && isEmpty(data)) return empty;
  const stale = of.isPlaceholderData === true && isFetching;
  return (
    <div className={stale ? 'async stale' : 'async'} aria-busy={stale}>
      {error && <ErrorNote error={error} retry={() => void of.refetch()} kept />}
      {stale && <StaleBadge />}
      {children(data)}
    </div>
  );
}

function nothingIn(data: unknown): boolean {
  return Array.isArray(data) && data.length === 0;
}

export function StaleBadge() {
  const { t } = useTranslation('common');
  return (
    <Tag className="stale-badge" color="default" role="status">
      {t('stale')}
    </Tag>
  );
}

export function Waiting({ children }: { children?: ReactNode }) {
  const { t } = useTranslation('common');
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="waiting" aria-busy="true" aria-label={t('loading')} role="status">
      {late && (children ?? <Skeleton active title={false} paragraph={{ rows: 5 }} />)}
    </div>
  );
}

interface EmptyProps {
  /** Why there is nothing. */
  title: string;
  /** What to do next. */
  next?: ReactNode;
  action?: ReactNode;
}

export function Empty({ title, next, action }: EmptyProps) {
  return (
    <div className="empty">
      <EmptyPicture />
      <p className="empty-title">{title}</p>
      {next && <p className="quiet">{next}</p>}
      {action && <div className="empty-action">{action}</div>}
    </div>
  );
}

interface ErrorNoteProps {
  error: Error;
  retry?: () => void;
  /** Whether older data is still shown below. */
  kept?: boolean;
}

export function ErrorNote({ error, retry, kept = false }: ErrorNoteProps) {
  const { t } = useTranslation('common');
  const { title, detail } = useWordsOf(error);
  const requestId = error instanceof ApiError ? error.requestId : '';
  return (
    <Alert
      className="error-note"
      type="error"
      showIcon
      role="alert"
      title={title}
      description={
        <>
          {detail && <p>{detail}</p>}
          {kept && <p>{t('error.kept')}</p>}
          {requestId && (
            <p className="quiet">
              {t('error.request')} <code>{requestId}</code>
            </p>
          )}
        </>
      }
      action={
        retry && (
          <Button size="small" onClick={retry}>
            {t('error.retry')}
          </Button>
        )
      }
    />
  );
}

/** The detail is the server's own and says what to do; the title is ours, in the reader's language. */
function useWordsOf(error: Error): { title: string; detail: string } {
  const { t } = useTranslation('common');
  if (!(error instanceof ApiError)) return { title: t('error.other'), detail: error.message };
  const { status, code, message } = error;
  if (code === 'unreachable') return { title: t('error.unreachable'), detail: t('error.unreachableHelp') };
  const kinds: Record<number, string> = { 403: t('error.refused'), 404: t('error.unknown'), 409: t('error.conflict'), 400: t('error.invalid'), 422: t('error.invalid'), 429: t('error.busy'), 503: t('error.busy') };
  return { title: kinds[status] ?? t('error.other'), detail: message };
}
