// One customer of the made-up bank.

import { at, on, Reply, type Route, type Schemas } from './route';

const AS_OF = at('2026-11-22T16:00:00Z');
const CUSTOMER = 10_023;

const trait = (name: string, zh: string, en: string, value: string | null, unit: string | null = null, more: Partial<Schemas['TraitValue']> = {}): Schemas['TraitValue'] => ({
  name,
  meaning: { zh, en },
  value,
  unit,
  filled: false,
  masked: false,
  class: 'C2',
  as_of: AS_OF,
  file: 'traits/library.toml',
  tables: ['transaction'],
  ...more,
});

const profile = [
  trait('age', '年龄', 'age', '34', '岁', { tables: ['customer'], class: 'C1' }),
  trait('region', '地区', 'region', 'east', null, { tables: ['customer'], class: 'C1' }),
  trait('balance_average_90d', '近九十天平均余额', 'average balance in 90 days', '84210.5500', 'CNY'),
  trait('transactions_90d', '近九十天交易次数', 'transactions in 90 days', '127', '笔'),
  trait('spending_90d', '近九十天消费', 'spending in 90 days', '31877.2000', 'CNY'),
  trait('days_since_login', '距上次登录天数', 'days since last login', '1', '天', { tables: ['event'] }),
  trait('income_monthly', '月收入', 'monthly income', '18500.0000', 'CNY', { filled: true }),
  trait('complaints_180d', '近半年投诉次数', 'complaints in 180 days', '1', '次', { tables: ['interaction'] }),
  trait('credit_bureau_score', '征信评分', 'credit bureau score', null, null, { masked: true, class: 'C3' }),
  trait('children', '子女数', 'children', null, null, { tables: ['customer'] }),
];

const score = (model: string, zh: string, en: string, value: number | null, reasons: [string, string][], more: Partial<Schemas['CustomerScore']> = {}): Schemas['CustomerScore'] => ({
  model,
  meaning: { zh, en },
  score: value,
  median_days: null,
  text: null,
  version: 3,
  as_of: AS_OF,
  reasons: reasons.map(([z, e]) => ({ zh: z, en: e })),
  ...more,
});

const scores = [
  score('churn', '三个月内流失的可能性', 'likely to leave within three months', 0.673, [
    ['近三十天登录次数明显减少', 'logged in far less in the last 30 days'],
    ['余额比上季度下降 41%', 'balance fell by 41 % since last quarter'],
    ['半年内有一次未解决的投诉', 'one unresolved complaint in half a year'],
  ]),
  score('loan_default', '贷款违约的可能性', 'likely to default on a loan', 0.031, [['还款一直按时', 'has always repaid on time']]),
  score('departure', '预计离开的时间', 'time until leaving', null, [['使用的产品少', 'holds few products']], { median_days: 148 }),
  score('message_kind', '最近一次来信的内容', 'what the latest message is about', null, [['“手续费”', '“fee”']], { text: { label: '手续费投诉', at: at('2026-11-20T03:12:00Z') } }),
];

const offer = (place: number, name: string, zh: string, en: string, value: number, reasons: [string, string][]): Schemas['CustomerOffer'] => ({ offer: name, meaning: { zh, en }, purpose: 'marketing', place, score: value, personalised: true, reasons: reasons.map(([z, e]) => ({ zh: z, en: e })), as_of: AS_OF });

const offers = [
  offer(1, 'money_fund', '货币基金', 'Money market fund', 0.412, [['活期余额较高且长期未动', 'a high balance has rested for long'], ['情况相近的客户多数持有', 'most customers alike hold it']]),
  offer(2, 'deposit', '三个月定期存款', 'Three-month deposit', 0.298, [['风险承受力为稳健型', 'tolerates little risk']]),
  offer(3, 'credit_card', '信用卡', 'Credit card', 0.187, [['常用借记卡在线支付', 'often pays online by debit card']]),
];

const accounts: Schemas['Records'] = {
  table: 'account',
  rows: {
    columns: [
      { name: 'account_id', kind: 'number' },
      { name: 'name', kind: 'text' },
      { name: 'opened_on', kind: 'date' },
      { name: 'currency', kind: 'text' },
      { name: 'balance_after', kind: 'number' },
      { name: 'status', kind: 'text' },
    ],
    rows: [
      [7_730_201, '活期账户', '2019-04-02', 'CNY', '84210.5500', 'open'],
      [7_730_418, '信用卡', '2021-09-15', 'CNY', '-3120.0000', 'open'],
    ] as never,
    more: false,
    took_ms: 3,
  },
};

const customer: Schemas['Customer'] = {
  customer: CUSTOMER,
  at: at('2026-11-23T02:10:00Z'),
  profile,
  segments: [{ name: 'gave_up_applying', meaning: { zh: '最近一个月开始申请但未提交的客户', en: 'began an application and handed none in' } }, { name: 'depositors', meaning: { zh: '持有存款至少九十天的客户', en: 'have held a deposit for 90 days' } }],
  scores,
  offers,
  consent: [{ purpose: 'analytics', state: 'given' }, { purpose: 'marketing', state: 'withdrawn' }],
  records: [accounts],
};

const happened: Schemas['Happened'][] = [
  { ts: at('2026-11-22T13:20:00Z'), table: 'event', said: [['name', 'apply_start'], ['channel', 'app']] },
  { ts: at('2026-11-22T13:18:00Z'), table: 'event', said: [['name', 'view_product'], ['channel', 'app']] },
  { ts: at('2026-11-22T04:05:00Z'), table: 'transaction', said: [['kind', 'card_payment'], ['amount', '268.0000'], ['merchant_category', 'restaurant']] },
  { ts: at('2026-11-20T03:12:00Z'), table: 'interaction', said: [['kind', 'complaint'], ['channel', 'call'], ['text', '上月跨行转账收取的手续费与宣传不符，希望退还。']] },
  { ts: at('2026-11-20T01:40:00Z'), table: 'transaction', said: [['kind', 'transfer_out'], ['amount', '12000.0000'], ['counterparty', '同名账户']] },
  { ts: at('2026-11-15T09:00:00Z'), table: 'transaction', said: [['kind', 'salary'], ['amount', '18500.0000']] },
  { ts: at('2026-11-11T12:31:00Z'), table: 'contact', said: [['campaign', 'double_eleven'], ['channel', 'sms']] },
];

const tables = ['event', 'transaction', 'interaction', 'contact'];

function timeline(only: string | null, before: string | null): Schemas['Timeline'] {
  const wanted = only?.split(',') ?? tables;
  const kept = happened.filter((each) => wanted.includes(each.table) && (before === null || each.ts < Number(before)));
  return { happened: kept, next_before: before === null ? happened.at(-1)?.ts : null, tables };
}

const person: Schemas['Person'] = {
  person: CUSTOMER,
  members: [{ customer: CUSTOMER, system: 'core' }, { customer: 88_120, system: 'app' }, { customer: 91_004, system: 'cards' }],
  events: [
    {
      event: 5_121,
      what: 'merged',
      customers: [CUSTOMER, 88_120],
      by: 'florin',
      at: at('2026-08-02T18:40:00Z'),
      reason: 'resolve',
      because: {
        left: CUSTOMER,
        right: 88_120,
        certain_rule: null,
        prior_weight: -16.2,
        steps: [{ comparison: 'phone', level: 'equal', weight: 14.8 }, { comparison: 'name', level: 'one letter apart', weight: 5.9 }, { comparison: 'birth_date', level: 'equal', weight: 8.1 }, { comparison: 'email', level: 'missing', weight: 0 }, { comparison: 'address', level: 'different', weight: -1.4 }],
        weight: 11.2,
        probability: 0.99957,
      },
    },
    { event: 5_377, what: 'merged', customers: [CUSTOMER, 91_004], by: 'florin', at: at('2026-08-02T18:40:00Z'), reason: 'resolve', because: { left: CUSTOMER, right: 91_004, certain_rule: 'national_id', prior_weight: -16.2, steps: [], weight: 30, probability: 1 } },
  ],
};

const effect = (feature: string, zh: string, en: string, value: string | null, adds: number, isProtected = false): Schemas['ScoreEffect'] => ({ feature, called: { zh, en }, value, adds, protected: isProtected });
const effects = [
  effect('logins_30d', '近三十天登录次数', 'logins in 30 days', '3', 0.92),
  effect('balance_change_90d', '余额季度变化', 'change of balance', '-0.4100', 0.71),
  effect('complaints_180d', '近半年投诉次数', 'complaints in 180 days', '1', 0.44),
  effect('tenure_days', '开户天数', 'days as a customer', '2790', -0.38),
  effect('products', '持有产品数', 'products held', '2', 0.21),
  effect('salary_here', '工资由本行代发', 'salary is paid here', '1', -0.52),
  effect('age', '年龄', 'age', '34', 0.06, true),
  effect('transactions_90d', '近九十天交易次数', 'transactions in 90 days', '127', -0.11),
];

function explained(model: string): Schemas['ExplainedScore'] {
  const base = -0.61;
  const margin = effects.reduce((sum, each) => sum + each.adds, base);
  return { model, version: 3, customer: CUSTOMER, score: 0.673, margin, base, effects, reasons: scores[0]?.reasons ?? [], nearest: { changes: [{ zh: '近三十天登录 9 次以上', en: '9 logins or more in 30 days' }, { zh: '投诉得到解决', en: 'the complaint is resolved' }], score: 0.38 } };
}

const offersNow: Schemas['OffersNow'] = {
  purpose: 'marketing',
  as_of: AS_OF,
  personalised: true,
  offers,
  withheld: [
    { offer: 'balanced_fund', meaning: { zh: '平衡型基金', en: 'Balanced fund' }, reasons: [{ zh: '产品风险等级 R4 高于客户风险承受力 C2', en: 'risk level R4 is above what the customer tolerates, C2' }] },
    { offer: 'personal_loan', meaning: { zh: '个人贷款', en: 'Personal loan' }, reasons: [{ zh: '投诉尚未解决，暂停营销', en: 'a complaint is open: nothing is offered' }, { zh: '三十天内已联系三次', en: 'was contacted three times in 30 days' }] },
  ],
  notes: [],
};

function found(body: unknown): Schemas['FoundCustomer'][] {
  const { text } = body as Schemas['SearchCustomers'];
  if (text === '0') return [];
  const said = ['个人客户', '华东', '2019 年开户'];
  if (text.length > 8) return [{ customer: CUSTOMER, by: 'phone', said }, { customer: 33_410, by: 'phone', said: ['企业客户', '华东', '2016 年开户'] }];
  return [{ customer: Number(text), by: 'number', said }];
}

export const routes: Route[] = [
  on('post', '/v1/customers/search', ({ body }) => found(body)),
  on('get', '/v1/customers/{customer}', ({ path }) => (path.customer === '404' ? Reply.problem(404, 'unknown', 'there is no customer `404`, or this purpose may not see them') : { ...customer, customer: Number(path.customer) })),
  on('get', '/v1/customers/{customer}/timeline', ({ query }) => timeline(query.get('tables'), query.get('before'))),
  on('post', '/v1/customers/{customer}/unmask', [{ kind: 'name', value: '陈晓雨' }, { kind: 'phone', value: '138 0013 8000' }]),
  on('get', '/v1/customers/{customer}/person', person),
  on('post', '/v1/identity/{event}/undo', undefined),
  on('get', '/v1/customers/{customer}/scores/{model}', ({ path }) => explained(path.model ?? '')),
  on('get', '/v1/customers/{customer}/offers', offersNow),
];
