// Segments of the made-up bank.

import { at, on, Reply, type Route, type Schemas } from './route';
import { tables } from './tables';

type Line = Schemas['SegmentLine'];

const line = (name: string, zh: string, en: string, size: number | null, more: Partial<Line> = {}): Line => ({
  name,
  kind: 'where',
  zh,
  en,
  purposes: ['service', 'analytics', 'marketing'],
  size,
  share: size === null ? null : size / 200_412,
  unknown: 0,
  as_of: size === null ? null : at('2026-11-22T18:05:00Z'),
  followed: null,
  follows: false,
  stale: [],
  ...more,
});

export const lines: Line[] = [
  line('gave_up_applying', '最近一个月开始申请但未提交的客户', 'began an application in the last 30 days and handed none in', 8_412, { follows: true, followed: at('2026-11-23T02:08:00Z') }),
  line('stumbled', '一天之内登录失败后重置密码的客户', 'failed to log in and reset the password on one day', 2_930, { follows: true, followed: at('2026-11-23T02:08:00Z'), purposes: ['service', 'analytics'] }),
  line('big_senders', '最近一季度多次大额转出的客户', 'sent away 10,000 or more at least three times in the last 90 days', 12_874, { purposes: ['service', 'analytics', 'marketing', 'risk'] }),
  line('depositors', '持有存款至少九十天的客户', 'have held a deposit for 90 days', 64_203, { purposes: ['service', 'analytics', 'marketing', 'risk'] }),
  line('quiet_savers', '有存款但很少使用渠道的客户', 'hold money and do little', 21_077, { stale: ['the trait balance_average_90d was computed before 2 loads'], purposes: ['analytics', 'marketing'] }),
  line('styles', '账户使用习惯分群', 'styles of use', 198_003, { kind: 'clusters', unknown: 2_409, purposes: ['analytics', 'marketing'] }),
  line('wealthy_young', '三十五岁以下的高资产客户', 'younger than 35 with much money', null, { purposes: ['analytics'] }),
];

const DAY = 86_400_000_000;
const START = at('2026-10-24T18:05:00Z');
const history: Schemas['Moment'][] = Array.from({ length: 30 }, (_, nth) => {
  const wave = Math.round(320 * Math.sin(nth / 4) + nth * 22);
  return { at: START + nth * DAY, size: 7_900 + wave, entered: 240 + ((nth * 37) % 90), left: 205 + ((nth * 53) % 80) };
});

const reachable: Schemas['Reachable'][] = [
  { purpose: 'service', customers: 8_412 },
  { purpose: 'analytics', customers: 8_020 },
  { purpose: 'marketing', customers: 5_611 },
  { purpose: 'risk', customers: 8_412 },
  { purpose: 'compliance', customers: 8_412 },
];

const beside: Schemas['Beside'][] = [
  { name: 'stumbled', both: 611, share: 0.073, alike: 0.057 },
  { name: 'big_senders', both: 1_204, share: 0.143, alike: 0.06 },
  { name: 'depositors', both: 2_790, share: 0.332, alike: 0.04 },
];

const definition = `[[segment]]
name = "gave_up_applying"
meaning = { zh = "最近一个月开始申请但未提交的客户", en = "began an application …" }
purposes = ["service", "analytics", "marketing"]

[segment.where]
all = [
    { did = "apply_start", in_last_days = 30 },
    { did_not = "apply_submit", in_last_days = 30 },
]`;

function segment(name: string): Schemas['Segment'] | Reply {
  const found = lines.find((each) => each.name === name);
  if (!found) return Reply.problem(404, 'unknown', `there is no segment \`${name}\``);
  return { line: found, seen: 8_020, hidden: null, reachable, history, beside, drift: [{ name: 'balance_average_90d', since: at('2026-10-01T00:00:00Z'), index: 0.14 }, { name: 'age', since: at('2026-10-01T00:00:00Z'), index: 0.02 }], clusters: [], definition };
}

function members(after: number): Schemas['CustomerPage'] {
  const customers = Array.from({ length: 60 }, (_, nth) => after + 7 + nth * 13);
  return { total: 8_020, customers, next_after: customers.at(-1) };
}

export const routes: Route[] = [
  on('get', '/v1/segments', () => lines),
  on('get', '/v1/segments/{name}', ({ path }) => segment(path.name ?? '')),
  on('get', '/v1/segment-members', ({ query }) => members(Number(query.get('after') ?? 10_000))),
  on('post', '/v1/segments/preview', ({ body }) => {
    const { expression } = body as Schemas['PreviewSegment'];
    const size = expression?.includes('&') ? 1_204 : 8_412;
    return { size, share: size / 200_412, unknown: 3, reachable, beside, took_ms: 84.2 };
  }),
  on('post', '/v1/segment-export', () => new Reply(200, 'customer_id\n10007\n', { 'content-type': 'text/csv' })),
  on('put', '/v1/definitions/{kind}/{name}', ({ path }) => ({ text: definition, changes: [`segment ${path.name}: new`], notes: [] })),
  on('get', '/v1/catalogue', () => catalogue()),
  on('get', '/v1/catalogue/values', ({ query }) => values(query.get('table') ?? '', query.get('column') ?? '')),
];

const trait = (name: string, zh: string, en: string, type: Schemas['ColumnType'], unit?: string): Schemas['TraitFacts'] => ({ name, meaning: { zh, en }, type, unit, class: 'C2', purposes: ['analytics', 'marketing'], stale: [] });

function catalogue(): Schemas['CatalogueFacts'] {
  return {
    tables,
    traits: [
      trait('age', '年龄', 'age', 'int', 'years'),
      trait('balance_average_90d', '近九十天平均余额', 'average balance in 90 days', 'decimal', 'CNY'),
      trait('transactions_90d', '近九十天交易次数', 'transactions in 90 days', 'int'),
      trait('region', '地区', 'region', 'text'),
    ],
    segments: Object.fromEntries(lines.map((each) => [each.name, { zh: each.zh, en: each.en }])),
  };
}

function values(table: string, column: string): Schemas['ValueCount'][] {
  const known: Record<string, string[]> = {
    'event.name': ['login', 'view_product', 'apply_start', 'apply_form', 'apply_submit', 'login_failed', 'password_reset', 'transfer'],
    'event.channel': ['app', 'web', 'wechat', 'branch'],
    'transaction.kind': ['transfer_out', 'transfer_in', 'card_payment', 'salary', 'fee'],
    'product.family': ['deposit', 'fund', 'credit_card', 'loan', 'insurance'],
  };
  return (known[`${table}.${column}`] ?? []).map((value, nth) => ({ value, rows: 90_000 - nth * 7_000 }));
}
