// What the policies allow: roles by purposes, and the text they follow from.

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { purposes } from '@/app/purpose';
import { Async, Empty } from '@/ui/async';
import { Panel } from '@/ui/page';

type Cell = components['schemas']['MatrixCell'];

export function Policies() {
  const { t } = useTranslation('governance');
  const policies = useQuery({ queryKey: ['policies'], queryFn: ({ signal }) => ask(api.GET('/v1/policies', { signal })) });
  return (
    <Async of={policies}>
      {({ matrix, files }) => (
        <div className="stack">
          <Panel title={t('policies.matrix')} about={t('policies.matrixAbout')}><Matrix cells={matrix} /></Panel>
          <Panel title={t('policies.files')} about={t('policies.filesAbout')}>
            {files.length === 0 && <Empty title={t('policies.none')} next={t('policies.noneNext')} />}
            {files.map((file) => (
              <section key={file.name} className="policy-file">
                <h3><code>{file.name}</code></h3>
                {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
                <pre className="definition" tabIndex={0}>{file.text}</pre>
              </section>
            ))}
          </Panel>
        </div>
      )}
    </Async>
  );
}

function Matrix({ cells }: { cells: Cell[] }) {
  const { t } = useTranslation('governance');
  const roles = [...new Set(cells.map((cell) => cell.role))];
  const shown = purposes.filter((purpose) => cells.some((cell) => cell.purpose === purpose));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="matrix-scroll" tabIndex={0} role="region" aria-label={t('policies.matrix')}>
      <table className="matrix">
        <thead><tr><th scope="col">{t('policies.role')}</th>{shown.map((purpose) => <th key={purpose} scope="col">{t(`common:purpose.${purpose}`)}</th>)}</tr></thead>
        <tbody>
          {roles.map((role) => (
            <tr key={role}>
              <th scope="row">{t(`common:role.${role}`)}</th>
              {shown.map((purpose) => <td key={purpose}><MatrixCell cell={cells.find((cell) => cell.role === role && cell.purpose === purpose)} /></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MatrixCell({ cell }: { cell: Cell | undefined }) {
  const { t } = useTranslation('governance');
  if (!cell || cell.tables === 0) return <span className="quiet">{t('policies.nothing')}</span>;
  return (
    <span className="matrix-cell">
      <span><b>{cell.tables}</b><span className="quiet"> / {cell.of} {t('policies.tables')}</span></span>
      <meter min={0} max={cell.of} value={cell.tables} aria-hidden="true" />
      <span className="quiet small">{t('policies.masked', { count: cell.masked })}</span>
    </span>
  );
}
