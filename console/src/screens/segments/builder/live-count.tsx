// Who that is, counted as one goes: how many, how many agree to each purpose, what is like it.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { Purpose } from '@/app/purpose';
import { duration } from '@/format/time';
import { Async, Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Num, Share, useLanguage } from '@/ui/values';
import type { SegmentPreview } from '../queries';
import { BesidePanel, ReachablePanel } from '../segment-parts';
import type { Node } from './tree';

/** Asked when nothing changed for so long. */
const QUIET_MS = 500;

interface LiveCountProps {
  predicate: Node | undefined;
  unfilled: number;
  purpose: Purpose;
}

export function LiveCount({ predicate, unfilled, purpose }: LiveCountProps) {
  const { t } = useTranslation('builder');
  const where = useQuiet(predicate ? JSON.stringify(predicate) : undefined);
  const preview = useQuery({
    queryKey: ['preview', purpose, where],
    queryFn: ({ signal }) => ask(api.POST('/v1/segments/preview', { body: { purpose, where: JSON.parse(where ?? '{}') as Record<string, never> }, signal })),
    enabled: where !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!predicate) {
    return (
      <Panel title={t('count.title')}>
        <Empty title={t('count.none')} next={t('count.noneNext')} />
      </Panel>
    );
  }
  return (
    <div className="stack" aria-live="polite">
      <Panel title={t('count.title')} about={unfilled > 0 ? t('count.unfilled', { count: unfilled }) : t('count.about')}>
        <Async of={preview}>{(data) => <Size preview={data} />}</Async>
      </Panel>
      {preview.data && <ReachablePanel reachable={preview.data.reachable} size={preview.data.size} />}
      {preview.data && <BesidePanel beside={preview.data.beside} />}
    </div>
  );
}

function Size({ preview }: { preview: SegmentPreview }) {
  const { t } = useTranslation('builder');
  const language = useLanguage();
  return (
    <>
      <p className="count num">
        <Num value={preview.size} exact />
      </p>
      <p>
        <Share value={preview.share} /> {t('count.ofAll')}
      </p>
      <p className="quiet small">
        {preview.unknown > 0 && <>{t('count.unknown', { count: preview.unknown })} · </>}
        {t('count.took')} {duration(preview.took_ms / 1000, language)}
      </p>
    </>
  );
}

/** The value once it has stood still for a while. */
function useQuiet<T>(value: T): T {
  const [quiet, setQuiet] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(value), QUIET_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return quiet;
}
