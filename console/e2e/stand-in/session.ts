// Users of the stand-in: `ana` signs in by password, `otto` also needs the code 123456, `neu` has a one-time password.

import { at, on, Reply, type Route, type Schemas } from './route';

const SESSION = { 'set-cookie': 'florin_session=example; Path=/; HttpOnly; SameSite=Strict' };
const ENDED = { 'set-cookie': 'florin_session=; Path=/; Max-Age=0' };

export const me: Schemas['Me'] = {
  user: 'ana',
  name: '安娜',
  roles: ['analyst', 'service_agent', 'administrator'],
  administrator: true,
  second_factor: false,
  authenticator: false,
  purposes: ['service', 'analytics', 'marketing', 'risk', 'compliance'],
  actions: ['define', 'ingest', 'list_quarantine', 'read_quarantined', 'resolve', 'profile', 'approve', 'read_audit', 'look_up'],
  ends_at: at('2026-11-24T02:00:00Z'),
  bank: { name: '江南示范银行', time_zone: 'Asia/Shanghai', version: '0.1.0' },
};

function signIn(body: unknown): Schemas['Me'] | Reply {
  const { user, password, code, new_password } = body as Schemas['SignIn'];
  if (password !== 'correct horse') return Reply.problem(401, 'wrong_credentials', 'user, password or code is wrong');
  if (user === 'otto' && code !== '123456') return Reply.problem(401, 'second_factor', 'send the code');
  if (user === 'neu' && !new_password) return Reply.problem(401, 'must_change_password', 'send a new password');
  return new Reply(200, me, SESSION);
}

export const users: Schemas['User'][] = [
  { user: 'ana', name: '安娜', roles: ['analyst', 'service_agent', 'administrator'], enabled: true, made_at: at('2026-01-05T01:00:00Z') },
  { user: 'li.wei', name: '李伟', roles: ['risk_officer'], enabled: true, made_at: at('2026-02-11T01:00:00Z') },
  { user: 'zhang.min', name: '张敏', roles: ['compliance_officer'], enabled: true, made_at: at('2026-03-02T01:00:00Z') },
  { user: 'otto', name: 'Otto Kramer', roles: ['data_engineer', 'analyst'], enabled: true, made_at: at('2026-03-09T01:00:00Z') },
  { user: 'wang.fang', name: '王芳', roles: ['marketer'], enabled: false, made_at: at('2026-04-20T01:00:00Z') },
];

const keys: Schemas['Key'][] = [
  { id: 'fk_2m8q', name: 'FineBI 报表', scopes: ['sql'], roles: ['analyst'], made_at: at('2026-09-01T01:00:00Z'), ends_at: at('2026-12-30T01:00:00Z'), used_at: at('2026-11-23T00:40:00Z'), revoked: false },
  { id: 'fk_9x1c', name: '手机银行埋点', scopes: ['collect'], roles: ['analyst'], made_at: at('2026-06-01T01:00:00Z'), ends_at: at('2027-06-01T01:00:00Z'), used_at: null, revoked: false },
];

const passkeys: Schemas['Passkey'][] = [
  { id: 'cGstMQ', name: '办公电脑', synced: false, made_at: at('2026-10-12T01:00:00Z'), used_at: at('2026-11-23T00:12:00Z') },
  { id: 'cGstMg', name: 'iPhone', synced: true, made_at: at('2026-10-12T01:05:00Z'), used_at: null },
];

const once = (): Schemas['OneTimePassword'] => ({ password: 'tulip-anchor-seven-river', ends_at: at('2026-11-26T02:00:00Z') });

export const routes: Route[] = [
  on('post', '/v1/sign-in', ({ body }) => signIn(body)),
  on('get', '/v1/sign-in/ways', { oidc: '统一身份认证', passkeys: true }),
  // The sign-on of the stand-in knows nobody, and says so at once.
  on('post', '/v1/sign-in/oidc', { url: '/v1/sign-in/oidc/callback?error=access_denied' }),
  on('get', '/v1/sign-in/oidc/callback', () => new Reply(303, undefined, { location: '/sign-in?refused=wrong_credentials' })),
  on('post', '/v1/sign-out', () => new Reply(204, undefined, ENDED)),
  on('get', '/v1/me', me),
  on('post', '/v1/me/password', undefined),
  on('post', '/v1/me/second-factor', { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Florin:ana?secret=JBSWY3DPEHPK3PXP&issuer=Florin' }),
  on('post', '/v1/me/second-factor/confirm', { codes: ['2f9k-1m3p', '8c2d-77qa', 'p0o9-i8u7', 'k2j4-h6g8', 'z1x3-c5v7', 'q9w8-e7r6', 't5y4-u3i2', 'a1s2-d3f4', 'm8n7-b6v5', 'l0k9-j8h7'] }),
  on('post', '/v1/sign-in/passkey/challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', rp_id: '127.0.0.1' }),
  on('post', '/v1/sign-in/passkey', () => new Reply(200, me, SESSION)),
  on('get', '/v1/me/passkeys', () => passkeys),
  on('post', '/v1/me/passkeys/begin', () => Reply.problem(403, 'sign_in_again', 'this needs a fresh sign-in; sign in again')),
  on('post', '/v1/me/passkeys', () => passkeys[0] ?? Reply.problem(404, 'unknown', 'none')),
  on('patch', '/v1/me/passkeys/{id}', undefined),
  on('delete', '/v1/me/passkeys/{id}', undefined),
  on('get', '/v1/me/keys', () => keys),
  on('post', '/v1/me/keys', ({ body }) => {
    const made = body as Schemas['NewKey'];
    return { key: { id: 'fk_new1', name: made.name, scopes: made.scopes, roles: made.roles, made_at: at('2026-11-23T02:00:00Z'), ends_at: at('2027-02-21T02:00:00Z'), revoked: false }, secret: 'florin_sk_example_0123456789' };
  }),
  on('delete', '/v1/me/keys/{id}', undefined),
  on('get', '/v1/users', () => users),
  on('post', '/v1/users', once),
  on('patch', '/v1/users/{user}', ({ path }) => users.find((each) => each.user === path.user) ?? Reply.problem(404, 'unknown', 'no such user')),
  on('post', '/v1/users/{user}/password', once),
];
