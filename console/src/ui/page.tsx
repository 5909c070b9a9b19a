// The frame of a screen: where one is, its title, what can be done, and its parts.

import { type ReactNode, useEffect } from 'react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

interface Crumb {
  label: string;
  to: LinkProps['to'];
}

interface PageProps {
  title: string;
  /** In the title of the browser's tab; personal names and numbers stay out of it. */
  tab?: string;
  about?: ReactNode;
  crumbs?: Crumb[];
  actions?: ReactNode;
  children: ReactNode;
  /** Lines of text read best when short; tables and charts want all the width. */
  width?: 'full' | 'text';
}

export function Page({ title, tab, about, crumbs = [], actions, children, width = 'full' }: PageProps) {
  const { t } = useTranslation('common');
  useEffect(() => {
    document.title = `${tab ?? title} · Florin`;
  }, [tab, title]);
  return (
    <div className={`page page-${width}`}>
      {crumbs.length > 0 && (
        <nav className="crumbs" aria-label={t('crumbs')}>
          <ol>
            {crumbs.map((crumb) => (
              <li key={crumb.label}>
                <Link to={crumb.to}>{crumb.label}</Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <header className="page-head">
        <div className="page-title">
          <h1>{title}</h1>
          {about && <p className="quiet">{about}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  /** What the part shows and where it comes from. */
  about?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  /** No padding: for tables that reach the edges. */
  flush?: boolean;
  className?: string;
}

/** A part of a screen, with its own heading. */
export function Panel({ title, about, extra, children, flush = false, className = '' }: PanelProps) {
  return (
    <section className={`panel ${flush ? 'panel-flush' : ''} ${className}`}>
      {(title || extra) && (
        <header className="panel-head">
          <div>
            {title && <h2>{title}</h2>}
            {about && <p className="quiet">{about}</p>}
          </div>
          {extra && <div className="panel-extra">{extra}</div>}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}

interface FigureProps {
  label: ReactNode;
  value: ReactNode;
  note?: ReactNode;
}

/** One number that matters, with its name and what to compare it with. */
export function Figure({ label, value, note }: FigureProps) {
  return (
    <div className="figure">
      <dt>{label}</dt>
      <dd>
        <span className="figure-value num">{value}</span>
        {note && <span className="figure-note">{note}</span>}
      </dd>
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <dl className="figures">{children}</dl>;
}
