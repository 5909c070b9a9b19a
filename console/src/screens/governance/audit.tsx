// The audit log, and whether it is whole.

import { SafetyCertificateOutlined } from '@ant-design/icons';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { purposes } from '@/app/purpose';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { Written } from '@/ui/condition/conditions';
import { DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/page';
import { Pill, type Tone } from '@/ui/pill';
import { Num, When } from '@/ui/values';
import { governanceRoute, type GovernanceSearch } from './routes';

type Entry = components['schemas']['AuditEntry'];

const LIMIT = 1_000;
/** As the log names them. */
const kinds = ['query', 'look_up', 'export', 'refusal', 'consent', 'erasure', 'ingest', 'read_quarantined', 'definition', 'segment', 'model', 'sign_in', 'user'] as const;
const tones: Record<string, Tone> = { refusal: 'bad', look_up: 'warn', export: 'warn', read_quarantined: 'warn', erasure: 'brass', sign_in: 'plain' };

export function Audit() {
  const { t } = useTranslation('governance');
  const { user, kind, meant } = governanceRoute.useSearch();
  const navigate = governanceRoute.useNavigate();
  const change = (to: GovernanceSearch) => void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  const entries = useQuery({
    queryKey: ['audit', user, kind, meant],
    queryFn: ({ signal }) => ask(api.GET('/v1/audit', { params: { query: { user, kind, purpose: meant, limit: LIMIT } }, signal })),
    placeholderData: keepPreviousData,
  });
  const seen = [...new Set([...(entries.data ?? []).map((entry) => entry.kind), ...(kind ? [kind] : [])])].sort();
  return (
    <div className="stack">
      <Verify />
      <Panel
        title={t('audit.title')}
        about={t('audit.about', { limit: LIMIT })}
        flush
        extra={
          <>
            <span className="audit-user"><span className="quiet" aria-hidden="true">{t('audit.user')}</span><Written key={user} type="text" value={user ?? ''} label={t('audit.user')} change={(next) => change({ user: next || undefined })} /></span>
            <Select allowClear value={kind} placeholder={t('audit.kind')} aria-label={t('audit.kind')} options={(seen.length > 1 ? seen : [...kinds]).map((each) => ({ value: each, label: <Kind kind={each} /> }))} onChange={(next) => change({ kind: next ?? undefined })} style={{ width: 180 }} />
            <Select allowClear value={meant} placeholder={t('audit.purpose')} aria-label={t('audit.purpose')} options={purposes.map((each) => ({ value: each, label: t(`common:purpose.${each}`) }))} onChange={(next) => change({ meant: next ?? undefined })} style={{ width: 130 }} />
          </>
        }
      >
        <Async of={entries} empty={<Empty title={t('audit.none')} next={t('audit.noneNext')} />}>{(all) => <Entries all={all} />}</Async>
      </Panel>
    </div>
  );
}

function Kind({ kind }: { kind: string }) {
  const { t, i18n } = useTranslation('governance');
  return <>{i18n.exists(`governance:kind.${kind}`) ? t(`kind.${kind}`) : kind}</>;
}

function Entries({ all }: { all: Entry[] }) {
  const { t } = useTranslation('governance');
  return (
    <DataTable<Entry>
      rowKey="number"
      size="small"
      dataSource={all}
      pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
      expandable={{ expandedRowRender: (entry) => <Detail detail={entry.detail} />, columnTitle: <span className="visually-hidden">{t('audit.detail')}</span> }}
      columns={[
        { title: t('audit.number'), key: 'number', align: 'right', render: (_, entry) => <span className="num quiet">{entry.number}</span> },
        { title: t('audit.when'), key: 'at', render: (_, entry) => <When at={entry.at} /> },
        { title: t('audit.user'), key: 'user', render: (_, entry) => <span className="named"><span>{entry.user}</span><span className="quiet small">{entry.roles.map((role) => t(`common:role.${role}`)).join(t('common:comma'))}</span></span> },
        { title: t('audit.purpose'), key: 'purpose', render: (_, entry) => (entry.purpose ? t(`common:purpose.${entry.purpose}`) : <span className="quiet">—</span>) },
        { title: t('audit.kind'), key: 'kind', render: (_, entry) => <Pill tone={tones[entry.kind] ?? 'info'}><Kind kind={entry.kind} /></Pill> },
        { title: t('audit.detail'), key: 'detail', render: (_, entry) => <code className="audit-short">{JSON.stringify(entry.detail)}</code> },
      ]}
    />
  );
}

function Detail({ detail }: { detail: unknown }) {
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <pre className="definition" tabIndex={0}>{JSON.stringify(detail, null, 2)}</pre>;
}

/** Every entry holds a hash of the one before, and checkpoints are signed: a change shows. */
function Verify() {
  const { t } = useTranslation('governance');
  const verify = useMutation({ mutationFn: () => ask(api.POST('/v1/audit/verify')) });
  const found = verify.data;
  return (
    <Panel title={t('verify.title')} about={t('verify.about')} extra={<Button type="primary" icon={<SafetyCertificateOutlined />} loading={verify.isPending} onClick={() => verify.mutate()}>{t('verify.button')}</Button>}>
      {verify.error && <ErrorNote error={verify.error} retry={() => verify.mutate()} />}
      {!found && !verify.error && <p className="quiet">{t('verify.notYet')}</p>}
      {found && (
        <Alert
          showIcon
          role="status"
          type={found.whole ? 'success' : 'error'}
          title={t(found.whole ? 'verify.whole' : 'verify.broken')}
          description={found.whole ? <><Num value={found.entries} exact /> {t('verify.entries')} · <Num value={found.checkpoints} exact /> {t('verify.checkpoints')}</> : found.wrong}
        />
      )}
    </Panel>
  );
}
