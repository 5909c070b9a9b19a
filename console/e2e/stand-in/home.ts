// The first page.

import { at, on, type Route, type Schemas } from './route';
import { lines } from './segments';

const counts = (read: number, duplicate: number, quarantined: number, refused: number): Schemas['Counts'] => ({ read, stored: read - duplicate - quarantined - refused, duplicate, quarantined, refused });

export const loads: Schemas['Load'][] = [
  { id: 412, source: 'core_transaction', mapping: 'transaction', table: 'transaction', file: 'core/transaction-2026-11-22.csv.gz', state: 'done', started_at: at('2026-11-22T18:02:11Z'), finished_at: at('2026-11-22T18:03:40Z'), counts: counts(184_233, 12, 41, 0) },
  { id: 411, source: 'app_event', mapping: 'event', table: 'event', file: 'collected/2026-11-22T17.ndjson', state: 'done', started_at: at('2026-11-22T17:59:02Z'), finished_at: at('2026-11-22T18:00:20Z'), counts: counts(1_204_889, 310, 0, 2_204) },
  { id: 410, source: 'crm_contact', mapping: 'contact', table: 'contact', file: 'crm/contact-2026-11-22.xlsx', state: 'done', started_at: at('2026-11-22T16:10:00Z'), finished_at: at('2026-11-22T16:10:04Z'), counts: counts(2_310, 0, 0, 18) },
  { id: 409, source: 'contact_interaction', mapping: 'interaction', table: 'interaction', file: 'service/calls-2026-11-22.jsonl', state: 'done', started_at: at('2026-11-22T16:02:00Z'), finished_at: at('2026-11-22T16:02:09Z'), counts: counts(871, 3, 2, 0) },
];

const home: Schemas['Home'] = {
  at: at('2026-11-23T02:10:00Z'),
  figures: [
    { name: 'customers', value: 200_412, before: null },
    { name: 'events_latest_day', value: 1_204_889, before: 1_180_233 },
    { name: 'transactions_latest_day', value: 184_233, before: 190_012 },
    { name: 'interactions_latest_day', value: 871, before: 902 },
  ],
  attention: [
    { urgency: 'wrong', kind: 'quarantine', of: 'core_transaction', words: { zh: 'core_transaction 有 41 条记录被隔离：金额不是数字', en: '41 records of core_transaction are in quarantine: amount is not a number' } },
    { urgency: 'wrong', kind: 'model_drifts', of: 'churn', words: { zh: '流失模型的评分分布发生漂移（PSI 0.31）', en: 'scores of the model churn drifted (PSI 0.31)' } },
    { urgency: 'waits', kind: 'model_waits', of: 'loan_default', words: { zh: 'loan_default 第 7 版等待另一位同事批准', en: 'version 7 of loan_default waits for a colleague’s approval' } },
    { urgency: 'waits', kind: 'stale', of: 'quiet_savers', words: { zh: '客群“有存款但很少使用渠道的客户”需要更新', en: 'the segment quiet_savers is out of date' } },
    { urgency: 'note', kind: 'note', of: null, words: { zh: '有 232 位新客户完成身份识别', en: '232 new customers were recognised' } },
  ],
  segments: lines,
  loads,
};

export const routes: Route[] = [on('get', '/v1/home', home)];
