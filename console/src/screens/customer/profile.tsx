// What is known of a customer: each trait with its meaning, its time and where it comes from.

import { LockOutlined } from '@ant-design/icons';
import { Input, type TableColumnsType, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { When } from '@/ui/values';
import { useSay } from '@/ui/words';
import type { TraitValue } from './queries';
import { decimalText, useNames, useUnits } from './records';

export function TraitText({ of }: { of: TraitValue }) {
  const { t } = useTranslation('customer');
  const unit = useUnits();
  if (of.masked) {
    return (
      <Tooltip title={t('profile.masked')}>
        <span className="quiet"><LockOutlined aria-hidden /> {t('profile.hidden')}</span>
      </Tooltip>
    );
  }
  if (of.value === null || of.value === undefined) return <span className="quiet">{t('profile.unknown')}</span>;
  return (
    <span className="num">
      {decimalText(of.value)} <span className="quiet">{unit(of.unit)}</span>{' '}
      {of.filled && <Pill tone="warn" title={t('profile.filledAbout')}>{t('profile.filled')}</Pill>}
    </span>
  );
}

export function ProfilePart({ profile }: { profile: TraitValue[] }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  const names = useNames();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const shown = profile.filter((each) => `${each.name} ${each.meaning.zh} ${each.meaning.en}`.toLowerCase().includes(wanted));
  const columns: TableColumnsType<TraitValue> = [
    { title: t('profile.meaning'), key: 'meaning', render: (_, each) => <span className="two-lines"><span>{say(each.meaning)}</span><code className="quiet">{each.name}</code></span> },
    { title: t('profile.value'), key: 'value', align: 'right', render: (_, each) => <TraitText of={each} /> },
    { title: t('profile.asOf'), key: 'as_of', render: (_, each) => <When at={each.as_of} /> },
    { title: t('profile.class'), key: 'class', render: (_, each) => <Pill title={t(`class.${each.class}`)}>{each.class}</Pill> },
    { title: t('profile.from'), key: 'from', render: (_, each) => <span className="two-lines"><span>{each.tables.map(names.table).join(t('common:comma'))}</span><code className="quiet">{each.file}</code></span> },
  ];
  return (
    <Panel flush title={t('profile.title', { count: profile.length })} about={t('profile.about')} extra={<Input allowClear value={find} onChange={(event) => setFind(event.target.value)} placeholder={t('profile.find')} aria-label={t('profile.find')} style={{ width: 220 }} />}>
      {profile.length === 0 ? <Empty title={t('profile.none')} next={t('profile.noneNext')} /> : <DataTable size="small" rowKey="name" columns={columns} dataSource={shown} />}
    </Panel>
  );
}
