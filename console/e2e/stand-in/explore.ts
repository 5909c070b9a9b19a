// Answers to shelves and to SQL, and dashboards that remember what is written to them.

import { pageOf } from './journeys';
import { at, on, Reply, type Route, type Schemas } from './route';

type Shelves = Schemas['Shelves'];
type Rows = Schemas['Rows'];

const known: Record<string, unknown[]> = { channel: ['app', 'web', 'branch', 'atm'], direction: ['in', 'out'], kind: ['transfer_out', 'card_payment', 'salary'], name: ['login', 'transfer', 'apply_start'] };
const months = ['2026-07-31', '2026-08-31', '2026-09-30', '2026-10-31'].map((day) => at(`${day}T16:00:00Z`));

function valuesOf({ field, grain }: Schemas['Dimension']): unknown[] {
  return grain ? months : (known[field] ?? ['a', 'b']);
}

function product(lists: unknown[][]): unknown[][] {
  return lists.reduce<unknown[][]>((rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])), [[]]);
}

function rowsOf(shelves: Shelves): Rows {
  const dimensions = shelves.dimensions ?? [];
  const narrowed = dimensions.map((dimension) => {
    const filter = (shelves.filters ?? []).find(({ field, test }) => field === dimension.field && 'one_of' in test);
    return filter && 'one_of' in filter.test ? filter.test.one_of : valuesOf(dimension);
  });
  const names = shelves.measures.map(({ aggregate, field }) => (field ? `${aggregate} of ${field}` : aggregate));
  const rows = product(narrowed).map((row, nth) => [...row, ...names.flatMap((_, at_) => [1_000 + ((nth * 7_919) % 9_000) * (at_ + 1), ...(shelves.compare ? [900 + nth * 500] : [])])]);
  const columns = [...dimensions.map(({ field, grain }) => ({ name: grain ? `${field} by ${grain}` : field, kind: grain ? 'time' : 'text' })), ...names.flatMap((name) => [{ name, kind: 'number' }, ...(shelves.compare ? [{ name: `${name} before`, kind: 'number' }] : [])])];
  return { columns, rows: rows as Rows['rows'], more: false, took_ms: 84 };
}

const tile = (id: string, title: string, shelves: object, chart: string, w: number, h: number) => ({ id, title, shelves, chart, w, h });
const boards: Schemas['Dashboard'][] = [
  {
    name: 'channels',
    title: '渠道概览',
    by: 'ana',
    at: at('2026-11-20T02:00:00Z'),
    version: 3,
    body: { tiles: [tile('n', '交易笔数', { table: 'transaction', measures: [{ aggregate: 'count' }] }, 'number', 3, 2), tile('c', '各渠道金额', { table: 'transaction', dimensions: [{ field: 'channel' }], measures: [{ aggregate: 'sum', field: 'amount' }] }, 'bar', 6, 4), tile('k', '渠道与类型', { table: 'transaction', dimensions: [{ field: 'channel' }, { field: 'kind' }], measures: [{ aggregate: 'count' }] }, 'pivot', 9, 4)] } as unknown as Record<string, never>,
  },
];

function write(name: string, { title, body, version }: Schemas['WriteDashboard']): Schemas['Dashboard'] | Reply {
  const place = boards.findIndex((each) => each.name === name);
  const before = boards[place];
  if ((before?.version ?? 0) !== version) return Reply.problem(409, 'conflict', 'somebody else has changed this dashboard');
  const kept = { name, title, body, by: 'ana', at: at('2026-11-23T02:00:00Z'), version: version + 1 };
  boards.splice(place < 0 ? boards.length : place, 1, kept);
  return kept;
}

const answer: Rows = {
  columns: [{ name: 'customer_id', kind: 'number' }, { name: 'ts', kind: 'time' }, { name: 'amount', kind: 'number' }, { name: 'kind', kind: 'text' }],
  rows: Array.from({ length: 3_000 }, (_, nth) => [10_007 + nth, at('2026-11-01T01:00:00Z') + nth * 61_000_000, `${(nth * 17) % 9_000}.5000`, nth % 5 === 0 ? null : 'transfer_out']) as unknown as Rows['rows'],
  more: true,
  took_ms: 120.2,
};

const file = new Reply(200, 'a,b\n1,2\n', { 'content-type': 'text/csv' });

export const routes: Route[] = [
  on('post', '/v1/explore', ({ body }) => ({ rows: rowsOf((body as Schemas['AskShelves']).shelves), sql: 'select t."channel" as "channel", count(*) as "count" from "transaction" t where true group by 1 order by 1' })),
  on('post', '/v1/explore/behind', ({ body }) => pageOf((body as Schemas['AskGroup']).after, 594)),
  on('post', '/v1/explore/export', file as never),
  on('get', '/v1/dashboards', () => boards),
  on('get', '/v1/dashboards/{name}', ({ path }) => boards.find((each) => each.name === path.name) ?? Reply.problem(404, 'unknown', 'there is no such dashboard')),
  on('put', '/v1/dashboards/{name}', ({ path, body }) => write(path.name ?? '', body as Schemas['WriteDashboard'])),
  on('delete', '/v1/dashboards/{name}', undefined),
  on('post', '/v1/sql', ({ body }) => ((body as Schemas['Question']).sql.startsWith('select') ? answer : Reply.problem(400, 'invalid', 'this is no statement that reads'))),
  on('post', '/v1/sql/export', file as never),
  on('post', '/v1/sql/lineage', [{ column: 'customer_id', tables: ['transaction.customer_id'], sources: ['core_transaction: 客户号'] }, { column: 'amount', tables: ['transaction.amount'], sources: ['cards_payment: amount', 'core_transaction: 金额'] }]),
];
