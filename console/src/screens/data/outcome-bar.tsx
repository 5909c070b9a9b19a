// What became of records: read = stored + duplicate + quarantined + refused, as one bar whose parts are named.

import { useTranslation } from 'react-i18next';
import { share } from '@/format/number';
import { Num, useLanguage } from '@/ui/values';
import type { Counts } from './queries';

export const outcomes = ['stored', 'duplicate', 'quarantined', 'refused'] as const;

interface OutcomeBarProps {
  counts: Counts;
}

export function OutcomeBar({ counts }: OutcomeBarProps) {
  const { t } = useTranslation('data');
  const language = useLanguage();
  if (counts.read === 0) return <span className="quiet">{t('nothingRead')}</span>;
  const told = outcomes.filter((each) => counts[each] > 0).map((each) => `${t(`outcome.${each}`)} ${counts[each]} (${share(counts[each] / counts.read, language)})`);
  return (
    <span className="outcome-bar" role="img" aria-label={told.join(t('common:comma'))} title={told.join('\n')}>
      {outcomes.map((each) => counts[each] > 0 && <i key={each} className={`outcome-${each}`} style={{ flexGrow: counts[each] }} />)}
    </span>
  );
}

export function OutcomeLegend() {
  const { t } = useTranslation('data');
  return (
    <ul className="legend outcome-legend">
      {outcomes.map((each) => (
        <li key={each}><i className={`outcome-${each}`} />{t(`outcome.${each}`)}</li>
      ))}
    </ul>
  );
}

/** A count that only matters when it is not nought. */
export function Bad({ count }: { count: number }) {
  return count > 0 ? <b className="bad-count"><Num value={count} /></b> : <span className="quiet">0</span>;
}
