// The funnel: how many come how far, where they stop, how long it takes.

import { useTranslation } from 'react-i18next';
import type { Cell } from './definition';
import { Frame } from './frame';
import { FunnelBuilder } from './funnel-builder';
import { FunnelResult } from './funnel-result';
import { useJourney } from './journey';

export function FunnelScreen() {
  const { t } = useTranslation('journeys');
  const journey = useJourney('funnel', { kind: 'funnel', within: '14 natural days', step: [] });
  const nameOf = (step: number) => journey.answer.data?.funnel?.steps[step - 1] ?? String(step);
  const titleOf = (cell: Cell) => {
    if (cell.of !== 'funnel') return '';
    const step = nameOf(cell.step);
    const title = cell.dropped ? t('funnel.droppedAt', { step: nameOf(cell.step - 1), next: step }) : t('funnel.reached', { step });
    return cell.value ? `${title} · ${cell.value}` : title;
  };
  return <Frame journey={journey} builder={<FunnelBuilder journey={journey} />} titleOf={titleOf} result={(answer) => answer.funnel && <FunnelResult answer={answer.funnel} journey={journey} />} />;
}
