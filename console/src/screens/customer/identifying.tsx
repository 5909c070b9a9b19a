// Name, phone and the like: hidden until somebody says why they look.

import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { Unmask } from '@/ui/masked';
import type { Of } from './queries';

type Value = components['schemas']['IdentifyingValue'];

/** Shown in place of a value that is hidden. */
const HIDDEN = '******';
const kinds = ['name', 'phone'] as const;
/** What people look for first; the rest follows. */
const order = ['name', 'phone', 'national_id', 'card', 'email', 'address'];
const rank = ({ kind }: Value) => (order.includes(kind) ? order.indexOf(kind) : order.length);

export function Identifying({ of }: { of: Of }) {
  const { t, i18n } = useTranslation('customer');
  const mayLook = useMay('look_up');
  // Kept here and nowhere else: neither in the cache of queries nor in the address.
  const [values, setValues] = useState<Value[]>();
  const hide = useCallback(() => setValues(undefined), []);
  const reveal = async (reason: string) => {
    const found = await ask(api.POST('/v1/customers/{customer}/unmask', { params: { path: { customer: String(of.customer) } }, body: { purpose: of.purpose, reason } }));
    setValues(found.toSorted((a, b) => rank(a) - rank(b)));
  };
  const called = (kind: string) => (i18n.exists(`customer:by.${kind}`) ? t(`by.${kind}`) : kind);
  const shown = values ?? kinds.map((kind) => ({ kind, value: HIDDEN }));
  return (
    <span className="identifying">
      {values?.length === 0 && <span>{t('identifying.none')}</span>}
      {shown.map(({ kind, value }) => (
        <span key={`${kind} ${value}`}>
          {called(kind)} <b className={values ? '' : 'hidden-value'} aria-label={values ? undefined : t('identifying.hidden')} role={values ? undefined : 'img'}>{value}</b>
        </span>
      ))}
      {mayLook && <Unmask shown={values !== undefined} hide={hide} reveal={reveal} />}
    </span>
  );
}
