// A real issuer for tests: the certified `oidc-provider`, on loopback, with the accounts it is told of. It prints where it
// listens, and ends when its standard input does.
//
// What time it is there is told as well: clocks of tests stand still.
//
// MODULES: a folder `node_modules` that has oidc-provider. SETTINGS: JSON, see the defaults below.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const settings = { now: Date.now(), port: 0, kid: 'first', algorithm: 'RS256', method: 'client_secret_basic', claimsInToken: true, accounts: {}, redirect: '', ...JSON.parse(process.env.SETTINGS ?? '{}') };
const ahead = settings.now - Date.now();
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...of) {
    super(...(of.length > 0 ? of : [Real.now() + ahead]));
  }
  static now() {
    return Real.now() + ahead;
  }
};
const { default: Provider } = await import(pathToFileURL(`${process.env.MODULES}/oidc-provider/lib/index.js`));

function key() {
  const kinds = { RS256: ['rsa', { modulusLength: 2048 }], PS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519', {}] };
  const { privateKey } = generateKeyPairSync(...kinds[settings.algorithm]);
  return { ...privateKey.export({ format: 'jwk' }), kid: settings.kid, use: 'sig', alg: settings.algorithm };
}

const server = createServer();
await new Promise((listening) => server.listen(settings.port, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const open = settings.method === 'none';
const provider = new Provider(issuer, {
  clients: [{ client_id: 'florin', ...(open ? {} : { client_secret: 'a secret: of/the bank' }), redirect_uris: [settings.redirect], token_endpoint_auth_method: settings.method, id_token_signed_response_alg: settings.algorithm }],
  jwks: { keys: [key()] },
  cookies: { keys: ['only for tests'] },
  enabledJWA: { idTokenSigningAlgValues: [settings.algorithm] },
  clientAuthMethods: [settings.method],
  conformIdTokenClaims: !settings.claimsInToken,
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, sub) => {
    const account = settings.accounts[sub];
    return account && { accountId: sub, claims: () => ({ sub, ...account }) };
  },
  // Nobody is asked whether Florin may know them: it is the bank's own.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
server.on('request', (request, response) => {
  // Its cookies end by its own clock, which a browser's may be long past.
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => set(name, name.toLowerCase() === 'set-cookie' ? [value].flat().map((cookie) => cookie.replace(/; expires=[^;]*/i, '')) : value);
  answer(request, response);
});
console.log(issuer);
process.stdin.resume().on('end', () => process.exit(0));
