// A score taken apart, as bars that start where the one before ends. Pure: an explanation in, steps out.

import type { ExplainedScore } from './queries';

export interface Step {
  key: string;
  from: number;
  to: number;
  kind: 'total' | 'adds';
}

/** The strongest features are shown, the others put together: their sum still ends at the margin. */
export function steps(explained: ExplainedScore, most: number): { steps: Step[]; shown: ExplainedScore['effects']; rest: number } {
  const sorted = explained.effects.toSorted((a, b) => Math.abs(b.adds) - Math.abs(a.adds));
  const shown = sorted.slice(0, most);
  const rest = sorted.slice(most).reduce((sum, effect) => sum + effect.adds, 0);
  const bars: Step[] = [{ key: 'base', from: 0, to: explained.base, kind: 'total' }];
  let at = explained.base;
  for (const { feature, adds } of shown) {
    bars.push({ key: feature, from: at, to: at + adds, kind: 'adds' });
    at += adds;
  }
  if (sorted.length > most) bars.push({ key: 'rest', from: at, to: at + rest, kind: 'adds' });
  bars.push({ key: 'margin', from: 0, to: explained.margin, kind: 'total' });
  return { steps: bars, shown, rest };
}
