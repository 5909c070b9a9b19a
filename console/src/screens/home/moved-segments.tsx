// Segments, those that moved most since a day ago first.

import { Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, Share, useLanguage, When } from '@/ui/values';
import type { Home } from './home';

type Line = Home['segments'][number];

const SHOWN_MAX = 8;

export function MovedSegments({ segments }: { segments: Line[] }) {
  const { t } = useTranslation('home');
  const router = useRouter();
  return (
    <Panel title={t('segments.title')} about={t('segments.about')} flush extra={'/segments' in router.routesByPath && <Link to="/segments">{t('segments.all')}</Link>}>
      {segments.length === 0 ? <Empty title={t('segments.none')} next={t('segments.noneNext')} /> : <Lines segments={segments.slice(0, SHOWN_MAX)} />}
    </Panel>
  );
}

function Lines({ segments }: { segments: Line[] }) {
  const { t } = useTranslation('home');
  const language = useLanguage();
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t('segments.name')}</th>
          <th scope="col" className="right">{t('segments.size')}</th>
          <th scope="col" className="right">{t('segments.share')}</th>
          <th scope="col">{t('segments.asOf')}</th>
        </tr>
      </thead>
      <tbody>
        {segments.map((line) => (
          <tr key={line.name}>
            <td><Link to="/segments/$name" params={{ name: line.name }}>{line[language] || line.name}</Link></td>
            <td className="right"><Num value={line.size} /></td>
            <td className="right"><Share value={line.share} /></td>
            <td>{line.stale.length > 0 ? <Pill tone="warn" title={line.stale.join('\n')}>{t('segments.stale')}</Pill> : <When at={line.followed ?? line.as_of} as="near" />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
