// What to offer now and why, and what must not be offered and why.

import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Async, Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { type CustomerOffer, type Of, type OffersNow, offersQuery } from './queries';

export function OffersPart({ of }: { of: Of }) {
  const offers = useQuery(offersQuery(of));
  return <Async of={offers}>{(data) => <Lists offers={data} />}</Async>;
}

function Lists({ offers }: { offers: OffersNow }) {
  const { t } = useTranslation('customer');
  return (
    <div className="stack">
      {offers.notes.map((note) => (
        <Alert key={note} type="info" showIcon title={note} />
      ))}
      <div className="grid">
        <div className="span-7">
          <Panel title={t('offers.title')} about={<>{t(offers.personalised ? 'offers.personalised' : 'offers.notPersonalised')} · <When at={offers.as_of} /></>} flush>
            {offers.offers.length === 0 && <Empty title={t('offers.none')} next={t('offers.noneNext')} />}
            <ol className="offers">
              {offers.offers.map((offer) => (
                <Offer key={offer.offer} offer={offer} />
              ))}
            </ol>
          </Panel>
        </div>
        <div className="span-5">
          <Withheld offers={offers.withheld} />
        </div>
      </div>
    </div>
  );
}

function Offer({ offer }: { offer: CustomerOffer }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  return (
    <li>
      <span className="place num" aria-label={t('offers.place', { place: offer.place })}>{offer.place}</span>
      <div>
        <h3>{say(offer.meaning)}</h3>
        <ul className="reasons">
          {offer.reasons.map((reason) => (
            <li key={reason.en}>{say(reason)}</li>
          ))}
        </ul>
      </div>
      {offer.score !== null && offer.score !== undefined && <Pill tone="primary" title={t('offers.score')}><Num value={offer.score} digits={3} /></Pill>}
    </li>
  );
}

function Withheld({ offers }: { offers: OffersNow['withheld'] }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  return (
    <Panel title={t('offers.withheld')} about={t('offers.withheldAbout')} flush>
      {offers.length === 0 && <Empty title={t('offers.nothingWithheld')} />}
      <ul className="offers">
        {offers.map((offer) => (
          <li key={offer.offer}>
            <div>
              <h3>{say(offer.meaning)}</h3>
              <ul className="reasons">
                {offer.reasons.map((reason) => (
                  <li key={reason.en}>{say(reason)}</li>
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
