// The navigation: plain links in a list, which every screen reader knows.

import { MenuFoldOutlined, MenuUnfoldOutlined } from '@ant-design/icons';
import { Link, useRouter } from '@tanstack/react-router';
import { Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { Mark } from '@/ui/icons';
import { type Entry, visibleGroups } from './nav';
import { useMe } from './session';

interface RailProps {
  folded: boolean;
  toggle?: () => void;
  /** Somebody has chosen where to go. */
  went?: () => void;
}

export function Rail({ folded, toggle, went }: RailProps) {
  const { t } = useTranslation('common');
  const me = useMe();
  const router = useRouter();
  const groups = visibleGroups(me, (path) => path in router.routesByPath);
  return (
    <div className="rail">
      <Link to="/" className="rail-mark" onClick={went} aria-label={folded ? t('nav.home') : undefined}>
        <Mark size={30} />
        {!folded && (
          <span>
            <strong>Florin</strong>
            <small>{me.bank.name}</small>
          </span>
        )}
      </Link>
      <nav aria-label={t('navigation')}>
        {groups.map((group) => (
          <div key={group.name} className="rail-group">
            {!folded && group.name !== 'start' && <p aria-hidden="true">{t(`navGroup.${group.name}`)}</p>}
            <ul aria-label={t(`navGroup.${group.name}`)}>
              {group.entries.map((entry) => (
                <RailLink key={entry.path} entry={entry} folded={folded} went={went} />
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {toggle && (
        <button type="button" className="rail-toggle" onClick={toggle} aria-label={t(folded ? 'unfold' : 'fold')}>
          {folded ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />}
          {!folded && <span>{t('fold')}</span>}
        </button>
      )}
    </div>
  );
}

interface RailLinkProps {
  entry: Entry;
  folded: boolean;
  went?: () => void;
}

function RailLink({ entry, folded, went }: RailLinkProps) {
  const { t } = useTranslation('common');
  const name = t(`nav.${entry.name}`);
  const link = (
    <Link to={entry.path} onClick={went} className="rail-link" activeProps={{ 'aria-current': 'page' }} activeOptions={{ exact: entry.path === '/', includeSearch: false }}>
      <entry.icon aria-hidden />
      <span className={folded ? 'visually-hidden' : ''}>{name}</span>
    </Link>
  );
  return <li>{folded ? <Tooltip title={name} placement="right">{link}</Tooltip> : link}</li>;
}
