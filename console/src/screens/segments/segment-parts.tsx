// Parts that a segment and one that is being built have in common.

import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Bar } from '@/ui/bar';
import { Panel } from '@/ui/page';
import { Num, Share } from '@/ui/values';
import type { Segment } from './queries';
import './segments.css';

interface ReachablePanelProps {
  reachable: Segment['reachable'];
  size: number | null | undefined;
}

export function ReachablePanel({ reachable, size }: ReachablePanelProps) {
  const { t } = useTranslation('segments');
  return (
    <Panel title={t('reachable.title')} about={t('reachable.about')}>
      {reachable.length === 0 && <p className="quiet">{t('reachable.none')}</p>}
      <ul className="reach">
        {reachable.map(({ purpose, customers }) => (
          <li key={purpose}>
            <span>{t(`common:purpose.${purpose}`)}</span>
            <Bar share={customers / (size || 1)} />
            <b><Num value={customers} /></b>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function BesidePanel({ beside }: { beside: Segment['beside'] }) {
  const { t } = useTranslation('segments');
  return (
    <Panel title={t('beside.title')} about={t('beside.about')}>
      {beside.length === 0 && <p className="quiet">{t('beside.none')}</p>}
      <ul className="reach">
        {beside.map((each) => (
          <li key={each.name} title={t('beside.alike', { share: each.alike.toFixed(2) })}>
            <Link to="/segments/$name" params={{ name: each.name }}>{each.name}</Link>
            <Bar share={each.share} />
            <span><b><Num value={each.both} /></b> <span className="quiet"><Share value={each.share} digits={0} /></span></span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
