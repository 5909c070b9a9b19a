// The first look at a customer: what a service agent wants within a second.

import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill, type Tone } from '@/ui/pill';
import { When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { TraitText } from './profile';
import type { Customer, Of } from './queries';
import { RecordsTable, useNames } from './records';
import type { Part } from './routes';
import { ScoreFigure } from './scores';
import { RecentTimeline } from './timeline';

/** Tables that say what somebody holds. */
const holdings = ['account', 'loan', 'relationship'];
const SCORES_SHOWN = 4;
const OFFERS_SHOWN = 3;
const TRAITS_SHOWN = 8;

interface OverviewProps {
  customer: Customer;
  of: Of;
  show: (part: Part) => void;
}

export function Overview({ customer, of, show }: OverviewProps) {
  const { t } = useTranslation('customer');
  const names = useNames();
  const held = customer.records.filter(({ table }) => holdings.includes(table));
  const more = (part: Part) => (
    <Button type="link" size="small" onClick={() => show(part)}>
      {t('all')}
    </Button>
  );
  return (
    <div className="grid">
      <div className="span-8 stack">
        <ScoreRow customer={customer} more={more('scores')} />
        {held.map(({ table, rows }) => (
          <Panel key={table} title={names.table(table)} flush>
            {rows.rows.length === 0 ? <Empty title={t('holdings.none')} /> : <RecordsTable rows={rows} label={names.table(table)} />}
          </Panel>
        ))}
        <Panel title={t('part.timeline')} extra={more('timeline')}>
          <RecentTimeline of={of} />
        </Panel>
      </div>
      <div className="span-4 stack">
        <OfferList customer={customer} more={more('offers')} />
        <Consent consent={customer.consent} />
        <Belongs segments={customer.segments} />
        <Traits customer={customer} more={more('profile')} />
      </div>
    </div>
  );
}

function ScoreRow({ customer, more }: { customer: Customer; more: ReactNode }) {
  const { t } = useTranslation('customer');
  const scores = customer.scores.slice(0, SCORES_SHOWN);
  return (
    <Panel title={t('part.scores')} about={t('scores.about')} extra={more}>
      {scores.length === 0 && <Empty title={t('scores.none')} next={t('scores.noneNext')} />}
      <div className="score-row">
        {scores.map((score) => (
          <ScoreFigure key={score.model} score={score} />
        ))}
      </div>
    </Panel>
  );
}

function OfferList({ customer, more }: { customer: Customer; more: ReactNode }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  return (
    <Panel title={t('part.offers')} extra={more}>
      {customer.offers.length === 0 && <p className="quiet">{t('offers.none')}</p>}
      <ol className="offer-list">
        {customer.offers.slice(0, OFFERS_SHOWN).map((offer) => (
          <li key={`${offer.purpose} ${offer.offer}`}>
            <strong>{say(offer.meaning)}</strong>
            {offer.reasons[0] && <span className="quiet">{say(offer.reasons[0])}</span>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const consentTones: Record<string, Tone> = { given: 'good', withdrawn: 'bad' };

function Consent({ consent }: { consent: Customer['consent'] }) {
  const { t, i18n } = useTranslation('customer');
  const said = (state: string) => (i18n.exists(`customer:consent.${state}`) ? t(`consent.${state}`) : state);
  return (
    <Panel title={t('consent.title')} about={t('consent.about')}>
      <ul className="pairs">
        {consent.map((word) => (
          <li key={word.purpose}>
            <span>{t(`common:purpose.${word.purpose}`)}</span>
            <Pill tone={consentTones[word.state] ?? 'plain'}>{said(word.state)}</Pill>
          </li>
        ))}
      </ul>
      {consent.length === 0 && <p className="quiet">{t('consent.none')}</p>}
    </Panel>
  );
}

function Belongs({ segments }: { segments: Customer['segments'] }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  return (
    <Panel title={t('segments.title')}>
      {segments.length === 0 && <p className="quiet">{t('segments.none')}</p>}
      <ul className="row">
        {segments.map((segment) => (
          <li key={segment.name}>
            <Link to="/segments/$name" params={{ name: segment.name }} className="pill pill-primary belongs">
              {say(segment.meaning)}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Traits({ customer, more }: { customer: Customer; more: ReactNode }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  const known = customer.profile.filter((each) => each.value !== null && each.value !== undefined && !each.masked).slice(0, TRAITS_SHOWN);
  return (
    <Panel title={t('part.profile')} extra={more}>
      <ul className="pairs">
        {known.map((each) => (
          <li key={each.name} title={each.name}>
            <span>{say(each.meaning)}</span>
            <b><TraitText of={each} /></b>
          </li>
        ))}
      </ul>
      {known.length === 0 && <p className="quiet">{t('profile.none')}</p>}
      {known[0] && <p className="quiet small">{t('profile.asOf')} <When at={known[0].as_of} /></p>}
    </Panel>
  );
}
