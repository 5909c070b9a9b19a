// What changed since yesterday, and what needs somebody. The server says what a reader may know of; their roles decide what
// stands first.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { usePurpose } from '@/app/purpose';
import { type Role, useMe } from '@/app/session';
import { Async } from '@/ui/async';
import { Page } from '@/ui/page';
import { When } from '@/ui/values';
import { AttentionPanel } from './attention';
import { FigureRow } from './figures';
import { LoadsPanel } from './loads';
import { MovedSegments } from './moved-segments';
import { Shortcuts } from './shortcuts';
import './home.css';

export type Home = components['schemas']['Home'];

/** Those who look after records want the loads above the segments. */
const keepers: readonly Role[] = ['data_engineer', 'compliance_officer'];

export function HomeScreen() {
  const { t } = useTranslation('home');
  const me = useMe();
  const [purpose] = usePurpose();
  const home = useQuery({
    queryKey: ['home', purpose],
    queryFn: ({ signal }) => ask(api.GET('/v1/home', { params: { query: { purpose } }, signal })),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('title', { name: me.name })} tab={t('tab')} about={<About at={home.data?.at} />} actions={<Shortcuts />}>
      <Async of={home}>{(data) => <Parts home={data} loadsFirst={me.roles.some((role) => keepers.includes(role))} />}</Async>
    </Page>
  );
}

function About({ at }: { at: number | undefined }) {
  const { t } = useTranslation('home');
  if (at === undefined) return t('about');
  return (
    <>
      {t('about')} <When at={at} />
    </>
  );
}

interface PartsProps {
  home: Home;
  loadsFirst: boolean;
}

function Parts({ home, loadsFirst }: PartsProps) {
  const segments = <MovedSegments key="segments" segments={home.segments} />;
  const loads = <LoadsPanel key="loads" loads={home.loads} />;
  return (
    <div className="stack">
      <FigureRow figures={home.figures} />
      <div className="grid">
        <div className="span-7 stack">{loadsFirst ? [loads, segments] : [segments, loads]}</div>
        <div className="span-5">
          <AttentionPanel attention={home.attention} />
        </div>
      </div>
    </div>
  );
}
