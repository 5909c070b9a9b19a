// Reads structured values out of search parameters: an address may be old, mistyped or made by somebody else.

export type Fields = Record<string, unknown>;

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function list<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  if (!Array.isArray(value)) return [];
  return value.map(read).filter((item): item is T => item !== undefined);
}

export function str(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function int(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && value !== null && value !== '' && Number.isInteger(number) && number >= 0 ? number : undefined;
}

export function among<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value);
}

/** Without what is not there, so that equal states are equal addresses. */
export function compact<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(([, each]) => each !== undefined && each !== null && !(Array.isArray(each) && each.length === 0));
  return Object.fromEntries(kept) as T;
}
