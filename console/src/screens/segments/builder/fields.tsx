// Small fields of conditions: names to pick or type, numbers, spans of time.

import { AutoComplete, InputNumber, Select } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Words and their field stay on one line. */
export function Phrase({ children }: { children: ReactNode }) {
  return <span className="phrase">{children}</span>;
}

interface NameFieldProps {
  label: string;
  value: string;
  options: { value: string; label?: string }[];
  onChange: (value: string) => void;
  width?: number;
  optional?: boolean;
}

/** A name: what exists is offered, anything else can be typed. */
export function NameField({ label, value, options, onChange, width = 200, optional = false }: NameFieldProps) {
  const wanted = value.toLowerCase();
  const exact = options.some((option) => option.value === value);
  return (
    <AutoComplete
      aria-label={label}
      placeholder={label}
      value={value}
      options={exact ? options : options.filter((option) => `${option.value} ${option.label ?? ''}`.toLowerCase().includes(wanted))}
      onChange={(next: string | undefined) => onChange(next ?? '')}
      status={value === '' && !optional ? 'warning' : undefined}
      style={{ width, maxWidth: '100%' }}
    />
  );
}

interface CountFieldProps {
  label: string;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
  min?: number;
  placeholder?: string;
}

export function CountField({ label, value, onChange, min = 0, placeholder }: CountFieldProps) {
  return <InputNumber aria-label={label} placeholder={placeholder} min={min} precision={0} value={value ?? null} onChange={(next) => onChange(next ?? undefined)} style={{ width: 66 }} />;
}

type Unit = 'days' | 'hours' | 'ever';

interface SpanFieldProps {
  label: string;
  days: number | undefined;
  hours: number | undefined;
  /** The word for no limit at all. */
  ever: string;
  min?: number;
  onChange: (span: { days?: number; hours?: number }) => void;
}

const USUAL: Record<'days' | 'hours', number> = { days: 30, hours: 24 };

/** So many days or hours, or no limit. */
export function SpanField({ label, days, hours, ever, min = 1, onChange }: SpanFieldProps) {
  const { t } = useTranslation('builder');
  const unit: Unit = days !== undefined ? 'days' : hours !== undefined ? 'hours' : 'ever';
  const become = (next: Unit) => onChange(next === 'ever' ? {} : { [next]: USUAL[next] });
  const count = unit === 'days' ? days : hours;
  return (
    <span className="span-field">
      {unit !== 'ever' && <CountField label={label} value={count} min={min} onChange={(value) => onChange({ [unit]: value ?? min })} />}
      <Select<Unit>
        aria-label={t('unitOf', { what: label })}
        value={unit}
        onChange={become}
        options={[
          { value: 'days', label: t('unit.days') },
          { value: 'hours', label: t('unit.hours') },
          { value: 'ever', label: ever },
        ]}
        popupMatchSelectWidth={false}
      />
    </span>
  );
}
