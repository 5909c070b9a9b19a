// On what each purpose rests, and what customers said.

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num } from '@/ui/values';

type Line = components['schemas']['PurposeConsent'];

export function Consent() {
  const { t } = useTranslation('governance');
  const consent = useQuery({ queryKey: ['consent'], queryFn: ({ signal }) => ask(api.GET('/v1/consent', { signal })) });
  return (
    <Panel title={t('consent.title')} about={t('consent.about')} flush>
      <Async of={consent} empty={<Empty title={t('consent.none')} />}>
        {(lines) => (
          <DataTable<Line>
            rowKey="purpose"
            dataSource={lines}
            columns={[
              { title: t('audit.purpose'), key: 'purpose', render: (_, line) => <span className="named"><strong>{t(`common:purpose.${line.purpose}`)}</strong><span className="quiet small">{t(`common:purposeAbout.${line.purpose}`)}</span></span> },
              { title: t('consent.basis'), key: 'basis', render: (_, line) => <Pill tone={line.basis === 'consent' ? 'primary' : 'plain'}>{t(`consent.bases.${line.basis}`)}</Pill> },
              { title: t('consent.default'), key: 'default', render: (_, line) => t(`consent.defaults.${line.default}`) },
              { title: t('consent.given'), key: 'given', align: 'right', render: (_, line) => <Num value={line.given} exact /> },
              { title: t('consent.withdrawn'), key: 'withdrawn', align: 'right', render: (_, line) => <Num value={line.withdrawn} exact /> },
              { title: t('consent.said'), key: 'bar', width: 220, render: (_, line) => <Said line={line} /> },
            ]}
          />
        )}
      </Async>
    </Panel>
  );
}

function Said({ line }: { line: Line }) {
  const { t } = useTranslation('governance');
  const all = line.given + line.withdrawn;
  if (all === 0) return <span className="quiet">{t('consent.nobodySaid')}</span>;
  return (
    <span className="consent-bar" role="img" aria-label={`${t('consent.given')} ${line.given}, ${t('consent.withdrawn')} ${line.withdrawn}`}>
      <i style={{ flexGrow: line.given, background: 'var(--good)' }} />
      <i style={{ flexGrow: line.withdrawn, background: 'var(--bad)' }} />
    </span>
  );
}
