// Figures of the bank, each beside what it was a day before.

import { useTranslation } from 'react-i18next';
import { Figure, Figures } from '@/ui/page';
import { Delta, Num } from '@/ui/values';
import type { Home } from './home';

export function FigureRow({ figures }: { figures: Home['figures'] }) {
  const { t, i18n } = useTranslation('home');
  if (figures.length === 0) return null;
  const name = (key: string) => (i18n.exists(`home:figure.${key}`) ? t(`figure.${key}`) : key);
  return (
    <Figures>
      {figures.map((figure) => (
        <Figure key={figure.name} label={name(figure.name)} value={<Num value={figure.value} />} note={<Since figure={figure} />} />
      ))}
    </Figures>
  );
}

function Since({ figure }: { figure: Home['figures'][number] }) {
  const { t } = useTranslation('home');
  const { before, value } = figure;
  if (before === null || before === undefined) return t('noBefore');
  if (before === value) return t('same');
  return (
    <>
      <Delta value={value - before} /> {t('since')}
    </>
  );
}
