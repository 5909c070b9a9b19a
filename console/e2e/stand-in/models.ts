// Models, offers and governance of the made-up bank.

import { at, on, Reply, type Route, type Schemas } from './route';

const line = (name: string, zh: string, en: string, version: number | null, state: string | null, more: Partial<Schemas['ModelLine']> = {}): Schemas['ModelLine'] => ({ name, meaning: { zh, en }, purposes: ['analytics', 'marketing'], owner: 'ana', version, state, trained_at: version ? at('2026-11-01T02:00:00Z') : null, trained_by: version ? 'otto' : null, headline: version ? { figure: 'AUC', low: 0.771, value: 0.804, high: 0.836 } : null, held_back_by: [], waived: [], stale: [], drift: [], ...more });

const lines = [
  line('churn', '一百二十天内流失', 'leaves within 120 days', 4, 'champion', { drift: [{ of: 'score', psi: 0.31, by_chance: 0.01, drift: 'act' }, { of: 'balance', psi: 0.12, by_chance: 0.01, drift: 'watch' }], stale: ['trained 200 days ago'] }),
  line('loan_default', '一百八十天内违约', 'a loan defaults within 180 days', 7, 'candidate', { held_back_by: ['calibration'] }),
  line('takes_deposit', '三十天内购买定期存款', 'takes a term deposit within 30 days', null, null),
];

const model = (name: string): Schemas['Model'] | Reply => {
  const found = lines.find((each) => each.name === name);
  if (!found) return Reply.problem(404, 'unknown', `there is no model \`${name}\``);
  return { line: found, content: 'b3a1…', definition: '[model]\nname = "churn"\n', train: 120_331, test: 30_112, acts: [{ at: at('2026-11-02T02:00:00Z'), by: 'li.wei', act: 'approve', subject: null, reason: null }], evaluation: {} as Record<string, never> };
};

const audit: Schemas['AuditEntry'][] = ['query', 'look_up', 'export', 'refusal'].map((kind, nth) => ({ number: 4_120 - nth, at: at('2026-11-23T01:50:00Z') - nth * 60_000_000, user: nth % 2 === 0 ? 'ana' : 'li.wei', roles: [nth % 2 === 0 ? 'analyst' : 'risk_officer'], purpose: 'analytics', kind, detail: { tables: ['event'], rows: 120 * nth } as unknown as Record<string, never> }));

const roles: Schemas['Role'][] = ['analyst', 'marketer', 'risk_officer', 'compliance_officer'];
const purposes: Schemas['Purpose'][] = ['service', 'analytics', 'marketing', 'risk', 'compliance'];

export const routes: Route[] = [
  on('get', '/v1/models', lines),
  on('get', '/v1/models/{name}/versions/{version}', ({ path }) => model(path.name ?? '')),
  on('get', '/v1/models/{name}/versions/{version}/card', () => new Reply(200, '<!doctype html><html lang="en"><title>Card</title><h1>Card</h1><p>AUC 0.804</p></html>', { 'content-type': 'text/html' }) as never),
  on('post', '/v1/models/{name}/versions/{version}/acts', ({ path }) => lines.find((each) => each.name === path.name) ?? Reply.problem(404, 'unknown', 'there is no such model')),
  on('get', '/v1/offers', [{ name: 'deposit', meaning: { zh: '定期存款', en: 'term deposit' }, product: 'deposit', purposes: ['marketing'], recommended: 12_003, first: 4_120, definition: '[[offer]]\nname = "deposit"\n' }]),
  on('get', '/v1/audit', ({ query }) => audit.filter((entry) => !query.get('kind') || entry.kind === query.get('kind'))),
  on('post', '/v1/audit/verify', { whole: true, entries: 4_120, checkpoints: 42, wrong: null }),
  on('get', '/v1/consent', [{ purpose: 'service', basis: 'contract', default: 'given', given: 0, withdrawn: 0 }, { purpose: 'marketing', basis: 'consent', default: 'withdrawn', given: 120_331, withdrawn: 40_120 }]),
  on('get', '/v1/policies', { files: [{ name: 'default', text: 'permit (principal in Role::"analyst", action == Action::"read", resource);' }], matrix: roles.flatMap((role, nth) => purposes.map((purpose, at_) => ({ role, purpose, tables: (nth + at_) % 3 === 0 ? 0 : 96 - nth * 8, of: 121, masked: nth }))) }),
];
