// Ctrl-K: go to a screen, or to a customer. What is typed may recognise somebody, so it travels in the body of a request,
// and is not kept anywhere.

import { ArrowRightOutlined, IdcardOutlined, SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { Modal } from 'antd';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { visibleGroups } from './nav';
import { usePurpose } from './purpose';
import { useMe } from './session';

export function FinderButton() {
  const { t } = useTranslation('common');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return (
    <>
      <button type="button" className="finder-button" onClick={() => setOpen(true)} aria-keyshortcuts="Control+K">
        <SearchOutlined aria-hidden />
        <span className="finder-words">{t('finder.short')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Modal open={open} onCancel={() => setOpen(false)} footer={null} closable={false} width={640} className="finder" destroyOnHidden title={null} style={{ top: 88 }}>
        <Finder close={() => setOpen(false)} />
      </Modal>
    </>
  );
}

interface Hit {
  key: string;
  label: string;
  note?: string;
  kind: 'screen' | 'customer';
  go: () => void;
}

function Finder({ close }: { close: () => void }) {
  const { t } = useTranslation('common');
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const screens = useScreens(typed);
  const { hits: customers, waiting } = useCustomers(typed.trim());
  const hits = [...customers, ...screens];
  const chosen = Math.min(at, hits.length - 1);
  const take = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    hit.go();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + hits.length) % Math.max(hits.length, 1));
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) take(hits[chosen]);
  };
  return (
    <search>
      <div className="finder-input">
        <SearchOutlined aria-hidden />
        <input
          // The dialog exists to type in.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={hits[chosen] ? `${list}-${chosen}` : undefined}
          aria-label={t('finder.label')}
          placeholder={t('finder.placeholder')}
          autoComplete="off"
          value={typed}
          onKeyDown={onKey}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
        />
        <kbd>Esc</kbd>
      </div>
      <div id={list} role="listbox" aria-label={t('finder.results')} className="finder-list">
        {hits.map((hit, nth) => (
          // The keyboard chooses from the field above, as comboboxes do.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div key={hit.key} id={`${list}-${nth}`} role="option" tabIndex={-1} aria-selected={nth === chosen} className="finder-hit" onMouseEnter={() => setAt(nth)} onClick={() => take(hit)}>
            {hit.kind === 'customer' ? <IdcardOutlined aria-hidden /> : <ArrowRightOutlined aria-hidden />}
            <span>{hit.label}</span>
            {hit.note && <span className="quiet">{hit.note}</span>}
          </div>
        ))}
      </div>
      <p className="finder-note" role="status">
        {waiting ? t('loading') : hits.length === 0 ? t('finder.nothing') : t('finder.help')}
      </p>
    </search>
  );
}

function useScreens(typed: string): Hit[] {
  const { t } = useTranslation('common');
  const me = useMe();
  const router = useRouter();
  const navigate = useNavigate();
  const wanted = typed.trim().toLowerCase();
  return visibleGroups(me, (path) => path in router.routesByPath)
    .flatMap((group) => group.entries)
    .map((entry) => ({ key: entry.path, label: t(`nav.${entry.name}`), kind: 'screen' as const, go: () => void navigate({ to: entry.path }) }))
    .filter((hit) => hit.label.toLowerCase().includes(wanted));
}

const LETTERS_MIN = 3;

function useCustomers(typed: string): { hits: Hit[]; waiting: boolean } {
  const { t } = useTranslation('common');
  const [purpose] = usePurpose();
  const navigate = useNavigate();
  const text = useDeferredValue(typed);
  const asks = /\d/.test(text) && (text.length >= LETTERS_MIN || /^\d+$/.test(text));
  const found = useQuery({
    queryKey: ['customers', 'search', purpose, text],
    queryFn: ({ signal }) => ask(api.POST('/v1/customers/search', { body: { purpose, text }, signal })),
    enabled: asks,
    gcTime: 0,
    retry: false,
  });
  const hits = (asks ? (found.data ?? []) : []).map((each) => ({
    key: `customer-${each.customer}`,
    label: t('finder.customer', { number: each.customer }),
    note: each.said.join(' · '),
    kind: 'customer' as const,
    go: () => void navigate({ to: '/customers/$customer', params: { customer: String(each.customer) } }),
  }));
  return { hits, waiting: asks && found.isFetching };
}
