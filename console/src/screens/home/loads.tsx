// The latest loads, with what became of their records.

import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, When } from '@/ui/values';
import type { Home } from './home';

type Load = Home['loads'][number];

const SHOWN_MAX = 8;

/** Files of one source that went into one table are a line: a source may bring many small ones. */
function together(loads: Load[]): Load[] {
  const lines = new Map<string, Load>();
  for (const load of loads) {
    const key = `${load.source} ${load.table}`;
    const known = lines.get(key);
    lines.set(key, known ? { ...known, counts: sum(known.counts, load.counts) } : load);
  }
  return [...lines.values()];
}

function sum(one: Load['counts'], other: Load['counts']): Load['counts'] {
  return { read: one.read + other.read, stored: one.stored + other.stored, duplicate: one.duplicate + other.duplicate, quarantined: one.quarantined + other.quarantined, refused: one.refused + other.refused };
}

export function LoadsPanel({ loads }: { loads: Load[] }) {
  const { t } = useTranslation('home');
  return (
    <Panel title={t('loads.title')} flush>
      {loads.length === 0 ? <Empty title={t('loads.none')} next={t('loads.noneNext')} /> : <Lines loads={together(loads).slice(0, SHOWN_MAX)} />}
    </Panel>
  );
}

function Lines({ loads }: { loads: Load[] }) {
  const { t } = useTranslation('home');
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t('loads.source')}</th>
          <th scope="col" className="right">{t('loads.stored')}</th>
          <th scope="col" className="right">{t('loads.quarantined')}</th>
          <th scope="col">{t('loads.when')}</th>
        </tr>
      </thead>
      <tbody>
        {loads.map((load) => (
          <tr key={load.id}>
            <td title={load.file}>{load.source} → {load.table}</td>
            <td className="right"><Num value={load.counts.stored} /></td>
            <td className={load.counts.quarantined > 0 ? 'right delta-bad' : 'right'}><Num value={load.counts.quarantined} /></td>
            <td>{load.finished_at ? <When at={load.finished_at} as="near" /> : <Pill tone="info">{t('loads.running')}</Pill>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
