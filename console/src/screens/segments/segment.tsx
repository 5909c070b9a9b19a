// One segment: how many, who came and went, whom each purpose reaches, what is like it.

import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Purpose, usePurpose } from '@/app/purpose';
import { Async, Empty } from '@/ui/async';
import { DataTable } from '@/ui/data-table';
import { Figure, Figures, Page, Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, Share, useLanguage, When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { ExportDialog } from './export-dialog';
import { History } from './history';
import { Age } from './list';
import { Members } from './members';
import { type Segment, segmentQuery } from './queries';
import { segmentRoute } from './routes';
import { BesidePanel, ReachablePanel } from './segment-parts';
import './segments.css';

export function SegmentScreen() {
  const { t } = useTranslation('segments');
  const { name } = segmentRoute.useParams();
  const [purpose] = usePurpose();
  const language = useLanguage();
  const [exporting, setExporting] = useState(false);
  const segment = useQuery(segmentQuery(name, purpose));
  const line = segment.data?.line;
  return (
    <Page
      title={line?.[language] || name}
      about={line && <span className="row"><code>{name}</code> <Age line={line} /></span>}
      crumbs={[{ label: t('title'), to: '/segments' }]}
      actions={
        <Button icon={<DownloadOutlined aria-hidden />} disabled={!segment.data || Boolean(segment.data.hidden)} onClick={() => setExporting(true)}>
          {t('export.button')}
        </Button>
      }
    >
      <Async of={segment}>{(data) => <Parts segment={data} purpose={purpose} />}</Async>
      {exporting && <ExportDialog name={name} purpose={purpose} close={() => setExporting(false)} />}
    </Page>
  );
}

interface PartsProps {
  segment: Segment;
  purpose: Purpose;
}

function Parts({ segment, purpose }: PartsProps) {
  const { t } = useTranslation('segments');
  const { line } = segment;
  return (
    <div className="stack">
      {segment.hidden && <Alert type="warning" showIcon title={t('hidden')} description={segment.hidden} />}
      {line.stale.length > 0 && <Alert type="info" showIcon title={t('staleTitle')} description={line.stale.join('; ')} />}
      <Figures>
        <Figure label={t('size')} value={<Num value={line.size} />} note={<><Share value={line.share} /> {t('ofAll')}</>} />
        <Figure label={t('seen', { purpose: t(`common:purpose.${purpose}`) })} value={<Num value={segment.seen} />} note={t('seenAbout')} />
        <Figure label={t('entered')} value={<Num value={segment.history.at(-1)?.entered} />} note={t('sinceBefore')} />
        <Figure label={t('left')} value={<Num value={segment.history.at(-1)?.left} />} note={t('sinceBefore')} />
        <Figure label={t('unknown')} value={<Num value={line.unknown} />} note={t('unknownAbout')} />
      </Figures>
      <div className="grid">
        <div className="span-8 stack">
          <Panel title={t('history.title')} about={t('history.about')}>
            <History moments={segment.history} />
          </Panel>
          {segment.clusters.length > 0 && <Clusters clusters={segment.clusters} />}
          {!segment.hidden && <Members expression={line.name} purpose={purpose} size={line.size} />}
        </div>
        <div className="span-4 stack">
          <ReachablePanel reachable={segment.reachable} size={line.size} />
          <BesidePanel beside={segment.beside} />
          <DriftPanel drift={segment.drift} />
          {segment.definition && <Definition text={segment.definition} />}
        </div>
      </div>
    </div>
  );
}

/** As banks judge the population stability index. */
const DRIFT = { some: 0.1, much: 0.25 };

const tone = (index: number) => (index >= DRIFT.much ? 'bad' : index >= DRIFT.some ? 'warn' : 'good');

function DriftPanel({ drift }: { drift: Segment['drift'] }) {
  const { t } = useTranslation('segments');
  if (drift.length === 0) return null;
  return (
    <Panel title={t('drift.title')} about={t('drift.about')}>
      <ul className="pairs">
        {drift.map((each) => (
          <li key={each.name}>
            <span>{each.name} <span className="quiet">{t('drift.since')} <When at={each.since} as="day" /></span></span>
            <Pill tone={tone(each.index)}>{t(`drift.${tone(each.index)}`)} {each.index.toFixed(2)}</Pill>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Clusters({ clusters }: { clusters: Segment['clusters'] }) {
  const { t } = useTranslation('segments');
  const say = useSay();
  return (
    <Panel title={t('clusters.title')} flush>
      {clusters.length === 0 && <Empty title={t('none')} />}
      <DataTable
        size="small"
        rowKey="number"
        dataSource={clusters}
        columns={[
          { title: t('clusters.number'), dataIndex: 'number' },
          { title: t('column.size'), key: 'size', align: 'right', render: (_, { size }) => <Num value={size} /> },
          { title: t('clusters.differences'), key: 'differences', render: (_, { differences }) => differences.map(say).join(t('common:comma')) },
        ]}
      />
    </Panel>
  );
}

function Definition({ text }: { text: string }) {
  const { t } = useTranslation('segments');
  return (
    <Panel title={t('definition')}>
      {/* Scrolls, so it must be reachable by the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="definition" tabIndex={0}>{text}</pre>
    </Panel>
  );
}
