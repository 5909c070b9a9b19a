// A figure with its interval, as a number and a whisker on a scale of 0.5 to 1 (or what is needed).

import type { ModelLine } from './queries';

type Headline = NonNullable<ModelLine['headline']>;

const digits = (value: number) => (Math.abs(value) >= 100 ? 0 : 3);

export function Interval({ of }: { of: Headline }) {
  const unit = of.low >= 0 && of.high <= 1;
  const [from, to] = unit && of.low >= 0.5 ? [0.5, 1] : unit ? [0, 1] : [Math.min(0, of.low), of.high * 1.1 || 1];
  const at = (value: number) => `${(100 * (value - from)) / (to - from)}%`;
  return (
    <span className="interval">
      <span className="num"><span className="quiet small">{of.figure}</span> <b>{of.value.toFixed(digits(of.value))}</b> <span className="quiet small">{of.low.toFixed(digits(of.low))} – {of.high.toFixed(digits(of.high))}</span></span>
      <span className="interval-scale" aria-hidden="true">
        <i className="interval-range" style={{ left: at(of.low), width: `calc(${at(of.high)} - ${at(of.low)})` }} />
        <i className="interval-point" style={{ left: at(of.value) }} />
      </span>
    </span>
  );
}
