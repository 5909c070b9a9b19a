// What each comparison said, in bits: to the right for one person, to the left against.

import { useTranslation } from 'react-i18next';
import type { Merged } from './queries';

type Because = NonNullable<Merged['because']>;

export function Weights({ because }: { because: Because }) {
  const { t, i18n } = useTranslation('customer');
  const compared = (name: string) => (i18n.exists(`customer:by.${name}`) ? t(`by.${name}`) : name);
  const lines = [
    { key: 'prior', label: t('identity.prior'), level: t('identity.priorAbout'), weight: because.prior_weight },
    ...because.steps.map((step) => ({ key: step.comparison, label: compared(step.comparison), level: step.level, weight: step.weight })),
  ];
  const most = Math.max(1, ...lines.map((line) => Math.abs(line.weight)));
  return (
    <table className="weights">
      <caption className="visually-hidden">{t('identity.weights')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('identity.compared')}</th>
          <th scope="col">{t('identity.level')}</th>
          <th scope="col"><span className="visually-hidden">{t('identity.bar')}</span></th>
          <th scope="col" className="right">{t('identity.bits')}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.key}>
            <th scope="row">{line.label}</th>
            <td className="quiet">{line.level}</td>
            <td><Bar weight={line.weight} most={most} /></td>
            <td className="right num">{bits(line.weight)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>{t('identity.together')}</th>
          <td className="right num"><b>{bits(because.weight)}</b></td>
        </tr>
      </tfoot>
    </table>
  );
}

const bits = (weight: number) => `${weight > 0 ? '+' : weight < 0 ? '−' : ''}${Math.abs(weight).toFixed(2)}`;

function Bar({ weight, most }: { weight: number; most: number }) {
  const width = `${(50 * Math.abs(weight)) / most}%`;
  const place = weight >= 0 ? { left: '50%', width } : { right: '50%', width };
  return <span className="weight-bar" aria-hidden="true"><span className={weight >= 0 ? 'for' : 'against'} style={place} /></span>;
}
