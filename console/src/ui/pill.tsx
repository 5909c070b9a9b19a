// A word on a tinted ground: states and classes. The word itself says it, the colour only helps.

import type { ReactNode } from 'react';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'info' | 'primary' | 'brass';

interface PillProps {
  tone?: Tone;
  children: ReactNode;
  title?: string;
}

export function Pill({ tone = 'plain', children, title }: PillProps) {
  return (
    <span className={tone === 'plain' ? 'pill' : `pill pill-${tone}`} title={title}>
      {children}
    </span>
  );
}
