// What needs somebody, the most urgent first, each with the way to where it is done.

import { ArrowRightOutlined } from '@ant-design/icons';
import { Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill, type Tone } from '@/ui/pill';
import { useSay } from '@/ui/words';
import type { Home } from './home';

type Attention = Home['attention'][number];

const tones: Record<Attention['urgency'], Tone> = { wrong: 'bad', waits: 'warn', note: 'info' };

/** Where each kind is looked after. */
const places: Record<string, string> = {
  quarantine: '/data',
  stale: '/jobs',
  job_failed: '/jobs',
  model_waits: '/models',
  model_drifts: '/models',
  segment_stale: '/segments',
  one_time_password: '/users',
};

export function AttentionPanel({ attention }: { attention: Attention[] }) {
  const { t } = useTranslation('home');
  return (
    <Panel title={t('attention.title')} about={t('attention.about')} flush>
      {attention.length === 0 && <Empty title={t('attention.none')} next={t('attention.noneNext')} />}
      <ul className="attention">
        {attention.map((each) => (
          <Line key={`${each.kind} ${each.of ?? ''}`} attention={each} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ attention }: { attention: Attention }) {
  const { t } = useTranslation('home');
  const say = useSay();
  const router = useRouter();
  const place = places[attention.kind];
  return (
    <li>
      <Pill tone={tones[attention.urgency]}>{t(`urgency.${attention.urgency}`)}</Pill>
      <span className="attention-words">{say(attention.words)}</span>
      {place && place in router.routesByPath && (
        <Link to={place} aria-label={t('attention.open', { what: say(attention.words) })} className="attention-open">
          <ArrowRightOutlined aria-hidden />
        </Link>
      )}
    </li>
  );
}
