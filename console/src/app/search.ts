// Reads search parameters of the address. What does not fit is left out, so an old or mistyped link still opens.

type Raw = Record<string, unknown>;

export function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

export function oneOf<T extends string>(raw: Raw, name: string, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === raw[name]);
}

export function whole(raw: Raw, name: string, min = 0): number | undefined {
  const value = Number(raw[name]);
  return raw[name] !== undefined && Number.isInteger(value) && value >= min ? value : undefined;
}

export function texts(raw: Raw, name: string): string[] | undefined {
  const value = raw[name];
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const kept = list.filter((each): each is string => typeof each === 'string' && each !== '');
  return kept.length > 0 ? kept : undefined;
}

export function flag(raw: Raw, name: string): true | undefined {
  return raw[name] === true || raw[name] === 'true' ? true : undefined;
}
