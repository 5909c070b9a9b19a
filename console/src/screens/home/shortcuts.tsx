// Where people of each role usually go on to. A place is shown once its screen is there.

import { Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Role, useMe } from '@/app/session';

const places: Record<Role, readonly string[]> = {
  service_agent: ['customers'],
  analyst: ['funnel', 'explore', 'segments'],
  marketer: ['segments', 'recommendations', 'retention'],
  risk_officer: ['models', 'customers', 'sql'],
  compliance_officer: ['governance', 'lineage'],
  data_engineer: ['data', 'quality', 'jobs'],
  administrator: ['users'],
};

/** The names of entries in the navigation, where they differ from their paths. */
const named: Record<string, string> = { data: 'sources' };

export function Shortcuts() {
  const { t } = useTranslation('home');
  const me = useMe();
  const router = useRouter();
  const wanted = [...new Set(me.roles.flatMap((role) => places[role]))].filter((place) => `/${place}` in router.routesByPath);
  if (wanted.length === 0) return null;
  return (
    <nav aria-label={t('shortcuts')}>
      <ul className="shortcuts">
        {wanted.map((place) => (
          <li key={place}>
            <Link to={`/${place}` as string} className="shortcut">
              {t(`common:nav.${named[place] ?? place}`)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
