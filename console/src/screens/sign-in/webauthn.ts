// Passkeys, as browsers have them and as the server reads them: bytes are base64 for addresses.

import type { components } from '@/api/schema';

type Schemas = components['schemas'];

/** Whether this browser has passkeys at all; pages that are not safe (plain HTTP) have none. */
export const hasPasskeys = () => typeof globalThis.PublicKeyCredential === 'function';

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export function textOf(bytes: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Whoever was asked said no, or nothing for too long, or has no such passkey: browsers do not tell which. */
export const gaveUp = (error: unknown) => error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');

/** The device has a passkey of this user already. */
export const isKnown = (error: unknown) => error instanceof DOMException && error.name === 'InvalidStateError';

/** Has one of this person's passkeys sign. */
export async function signed({ challenge, rp_id }: Schemas['PasskeyChallenge']): Promise<Schemas['PasskeyAnswer']> {
  const found = await navigator.credentials.get({ publicKey: { challenge: bytesOf(challenge), rpId: rp_id, userVerification: 'required' } });
  if (!(found instanceof PublicKeyCredential) || !(found.response instanceof AuthenticatorAssertionResponse)) throw new DOMException('', 'NotAllowedError');
  const { userHandle, clientDataJSON, authenticatorData, signature } = found.response;
  return {
    id: textOf(found.rawId),
    user_handle: userHandle ? textOf(userHandle) : '',
    client_data: textOf(clientDataJSON),
    authenticator_data: textOf(authenticatorData),
    signature: textOf(signature),
  };
}

/** Makes a passkey that its device finds by itself. */
export async function made(of: Schemas['PasskeyCreation'], name: string): Promise<Schemas['NewPasskey']> {
  const created = await navigator.credentials.create({
    publicKey: {
      challenge: bytesOf(of.challenge),
      rp: { id: of.rp_id, name: `Florin · ${of.bank}` },
      user: { id: bytesOf(of.user_handle), name: of.user, displayName: of.name },
      pubKeyCredParams: of.algorithms.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: of.known.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    },
  });
  if (!(created instanceof PublicKeyCredential) || !(created.response instanceof AuthenticatorAttestationResponse)) throw new DOMException('', 'NotAllowedError');
  return { name, client_data: textOf(created.response.clientDataJSON), attestation: textOf(created.response.attestationObject) };
}
