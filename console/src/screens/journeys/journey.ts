// One journey on the screen: what the address says, what is saved, what was found.

import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { catalogueQuery, type TableFacts } from '@/api/catalogue';
import { type Purpose, usePurpose } from '@/app/purpose';
import { asked as askedOf, type Cell, type Kind, type Of, readJourney } from './definition';
import { type Answer, type Asked, journeyQuery, type Saved, savedQuery } from './queries';
import type { JourneySearch } from './routes';

export interface JourneyState<K extends Kind> {
  kind: K;
  def: Of<K>;
  /** The saved journey it began from. */
  name: string | undefined;
  /** Whether it differs from what is saved under that name. */
  changed: boolean;
  saved: Saved[];
  purpose: Purpose;
  table: TableFacts;
  asked: Asked | undefined;
  answer: ReturnType<typeof useAnswer>;
  open: Cell | undefined;
  view: string | undefined;
  as_of: string | undefined;
  change: (def: Partial<Of<K>>) => void;
  pick: (name: string | undefined) => void;
  search: (change: Partial<JourneySearch>) => void;
}

const useAnswer = (asked: Asked | undefined) => useQuery(journeyQuery(asked));

const NO_TABLE: TableFacts = { name: 'event', about: '', of_customers: true, columns: [] };

/** `fresh` is what one begins from when nothing is saved. */
export function useJourney<K extends Kind>(kind: K, fresh: Of<K>): JourneyState<K> {
  const search = useSearch({ strict: false }) as JourneySearch;
  const navigate = useNavigate();
  const [purpose] = usePurpose();
  const all = useQuery(savedQuery);
  const catalogue = useQuery(catalogueQuery(purpose));
  const saved = (all.data ?? []).filter((each) => each.kind === kind);
  const name = search.name ?? (search.q ? undefined : saved[0]?.name);
  const kept = saved.find((each) => each.name === name);
  const keptDef = readJourney(kind, kept?.definition);
  const def = readJourney(kind, search.q) ?? keptDef ?? fresh;
  const journey = askedOf(def);
  const waits = !search.q && all.isPending;
  const asked = journey && !waits ? { purpose, as_of: search.as_of, journey } : undefined;
  const go = (change: Partial<JourneySearch>) => void navigate({ to: '.', search: (before: object) => ({ ...before, ...change }) as never, replace: change.open === undefined, resetScroll: false });
  return {
    kind,
    def,
    name,
    changed: JSON.stringify(def) !== JSON.stringify(keptDef),
    saved,
    purpose,
    table: catalogue.data?.tables.find((each) => each.name === (def.rows?.from ?? 'event')) ?? NO_TABLE,
    asked,
    answer: useAnswer(asked),
    open: search.open,
    view: search.view,
    as_of: search.as_of,
    change: (change) => go({ q: { ...readJourney(kind, { ...def, ...change }) }, name, open: undefined }),
    pick: (picked) => go({ q: picked ? undefined : { ...fresh }, name: picked, open: undefined }),
    search: go,
  };
}

export type { Answer };
