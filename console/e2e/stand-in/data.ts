// Sources, quality, quarantine, lineage and long work of the made-up bank.

import { loads } from './home';
import { at, on, type Route, type Schemas } from './route';

const counts = (read: number, duplicate: number, quarantined: number, refused: number): Schemas['Counts'] => ({ read, stored: read - duplicate - quarantined - refused, duplicate, quarantined, refused });

const source = (name: string, about: string, tables: string[], read: number, quarantined: number): Schemas['SourceFacts'] => ({ name, about, tables, loads: 46, counts: counts(read, Math.round(read / 900), quarantined, Math.round(read / 300)), loaded_at: at('2026-11-22T18:03:40Z') });

const quality: Schemas['TableQuality'][] = [
  { table: 'transaction', rows: 333_470, counts: counts(426_000, 58, 3_210, 0), validity: 0.9924, consistency: 0.9999, uniqueness: 0.9998, newest_known_at: '2026-11-22T07:49:00', columns: [{ column: 'amount', completeness: 1, distinct: 53_827, bounds: ['0.0100', '210000.0000'] as never, quarantined: 141 }, { column: 'device', completeness: 0, distinct: 0, bounds: null, quarantined: 0 }], quarantined: [] },
  { table: 'event', rows: 441_831, counts: counts(566_694, 22, 306, 0), validity: 0.78, consistency: 1, uniqueness: 0.9999, newest_known_at: null, columns: [], quarantined: [] },
];

const wrong: Schemas['QuarantineCount'][] = [
  { source: 'core_transaction', mapping: 'transaction', code: 'type', column: '金额', waiting: 41, resolved: 3 },
  { source: 'app_event', mapping: 'event', code: 'json', column: null, waiting: 57, resolved: 0 },
];

const record = (raw: boolean): Schemas['QuarantinedRecord'] => ({ id: 38, source: 'core_transaction', mapping: 'transaction', file: 'transaction-2026-11-22.csv.gz', row_number: 8_909, code: 'type', column: '金额', reason: 'column `金额`: not a number', raw: raw ? '20261122,壹仟元,网银' : null });

const node = (kind: Schemas['LineageKind'], name: string): Schemas['LineageNode'] => ({ id: `${kind}:${name}`, kind, name });
const graph: Schemas['LineageGraph'] = {
  nodes: [node('source', 'core_transaction'), node('source', 'app_event'), node('table', 'transaction'), node('table', 'event'), node('trait', 'balance'), node('trait', 'logins_30d'), node('segment', 'quiet_savers'), node('model', 'churn'), node('offer', 'deposit')],
  edges: [
    { from: 'source:core_transaction', to: 'table:transaction', columns: [] },
    { from: 'source:app_event', to: 'table:event', columns: [] },
    { from: 'table:transaction', to: 'trait:balance', columns: ['amount', 'direction'] },
    { from: 'table:event', to: 'trait:logins_30d', columns: ['name', 'ts'] },
    { from: 'trait:balance', to: 'segment:quiet_savers', columns: [] },
    { from: 'trait:logins_30d', to: 'segment:quiet_savers', columns: [] },
    { from: 'trait:balance', to: 'model:churn', columns: [] },
    { from: 'model:churn', to: 'offer:deposit', columns: [] },
  ],
};

const job = (id: string, what: Schemas['NewJob'], state: Schemas['JobState'], outcome: string | null): Schemas['Job'] => ({ id, what, state, by: 'otto', asked_at: at('2026-11-22T18:00:00Z'), ended_at: state === 'running' ? null : at('2026-11-22T18:03:40Z'), step: state === 'running' ? { name: 'load transaction', unit: 'rows', done: 40_000, total: 180_000 } : null, outcome });
const jobs = [job('j1', { kind: 'ingest', sources: [] }, 'done', 'loaded 4 files: 1,392,303 records, 1,389,413 stored'), job('j2', { kind: 'train', model: 'churn' }, 'failed', 'there are fewer than 100 departures')];
const begun = job('j3', { kind: 'ingest', sources: [] }, 'done', 'there was nothing new');

export const routes: Route[] = [
  on('get', '/v1/sources', [source('core_transaction', 'Bookings on current accounts, a file a day.', ['transaction'], 256_955, 41), source('app_event', 'What is done in the app and on the web.', ['event'], 566_694, 57), source('crm_contact', 'What relationship managers typed.', ['customer', 'identifier'], 3_828, 0)]),
  on('get', '/v1/loads', loads),
  on('get', '/v1/quality', quality),
  on('get', '/v1/quarantine', wrong),
  on('get', '/v1/quarantine/records', ({ query }) => [record(query.get('raw') === 'true')]),
  on('get', '/v1/lineage', graph),
  on('get', '/v1/jobs', jobs),
  on('post', '/v1/jobs', begun),
  on('get', '/v1/jobs/{id}', begun),
];
