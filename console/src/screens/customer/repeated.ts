// The same thing several times within a minute is one line: seven views of a screen are no news. Pure.

import type { Happened } from './queries';

const MINUTE = 60_000_000;

export interface Repeated {
  happened: Happened;
  times: number;
}

export function repeated(things: readonly Happened[]): Repeated[] {
  const lines: Repeated[] = [];
  for (const happened of things) {
    const last = lines.at(-1);
    if (last && alike(last.happened, happened)) last.times += 1;
    else lines.push({ happened, times: 1 });
  }
  return lines;
}

function alike(one: Happened, other: Happened): boolean {
  return one.table === other.table && Math.abs(one.ts - other.ts) < MINUTE && JSON.stringify(one.said) === JSON.stringify(other.said);
}
