// One customer: who, what is known, what happened, what is foretold, what to offer.

import { useQuery } from '@tanstack/react-query';
import { DatePicker, Tabs } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { usePurpose } from '@/app/purpose';
import { useMay } from '@/app/session';
import { Async } from '@/ui/async';
import { Page } from '@/ui/page';
import { Identifying } from './identifying';
import { IdentityPart } from './identity';
import { OffersPart } from './offers';
import { Overview } from './overview';
import { ProfilePart } from './profile';
import { type Customer, customerQuery, type Of } from './queries';
import { customerRoute, type Part, parts } from './routes';
import { ScoresPart } from './scores';
import { TimelinePart } from './timeline';
import './customer.css';

export function CustomerScreen() {
  const { t } = useTranslation('customer');
  const { customer: written } = customerRoute.useParams();
  const { as_of } = customerRoute.useSearch();
  const [purpose] = usePurpose();
  const of: Of = { customer: Number(written), purpose };
  const customer = useQuery(customerQuery(of, as_of));
  return (
    <Page
      title={t('number', { number: written })}
      tab={t('tab')}
      about={customer.data && <Identifying of={of} />}
      crumbs={[{ label: t('search.title'), to: '/customers' }]}
      actions={<AsOf />}
    >
      <Async of={customer}>{(data) => <Parts customer={data} of={of} />}</Async>
    </Page>
  );
}

/** Another day than today: what was known then. */
function AsOf() {
  const { t } = useTranslation('customer');
  const { as_of } = customerRoute.useSearch();
  const navigate = customerRoute.useNavigate();
  return (
    <DatePicker
      value={as_of ? dayjs(as_of) : null}
      onChange={(day) => void navigate({ search: (before) => ({ ...before, as_of: day?.format('YYYY-MM-DD') }) })}
      disabledDate={(day) => day.isAfter(dayjs())}
      placeholder={t('asOf')}
      aria-label={t('asOf')}
    />
  );
}

interface PartsProps {
  customer: Customer;
  of: Of;
}

function Parts({ customer, of }: PartsProps) {
  const { t } = useTranslation('customer');
  const { part = 'overview' } = customerRoute.useSearch();
  const mayResolve = useMay('resolve');
  const navigate = customerRoute.useNavigate();
  const show = (next: Part) => void navigate({ search: (before) => ({ ...before, part: next === 'overview' ? undefined : next }) });
  const contents: Record<Part, React.ReactNode> = {
    overview: <Overview customer={customer} of={of} show={show} />,
    profile: <ProfilePart profile={customer.profile} />,
    timeline: <TimelinePart of={of} />,
    scores: <ScoresPart scores={customer.scores} of={of} />,
    offers: <OffersPart of={of} />,
    identity: <IdentityPart customer={of.customer} />,
  };
  return (
    <Tabs
      className="customer-parts"
      activeKey={part}
      onChange={(key) => show(key as Part)}
      destroyOnHidden
      items={parts.filter((each) => each !== 'identity' || mayResolve).map((each) => ({ key: each, label: t(`part.${each}`), children: part === each ? contents[each] : null }))}
    />
  );
}
