// A trait's value: which trait, how it is compared, with what.

import { Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSay } from '@/ui/words';
import type { Catalogue } from '../queries';
import { useCatalogue } from './catalogue';
import { Phrase } from './fields';
import type { Literal, TraitNode } from './tree';

type Type = Catalogue['traits'][number]['type'];
const tests = ['at_least', 'at_most', 'more_than', 'less_than', 'is', 'is_not', 'missing', 'known'] as const;
type Test = (typeof tests)[number];

const ordered: readonly Test[] = ['at_least', 'at_most', 'more_than', 'less_than'];
const numbers: readonly Type[] = ['int', 'float', 'decimal', 'date', 'timestamp'];

interface TraitEditorProps {
  leaf: TraitNode;
  update: (leaf: TraitNode) => void;
}

function testOf(leaf: TraitNode): Test {
  if (leaf.missing !== undefined) return leaf.missing ? 'missing' : 'known';
  return tests.find((test) => test in leaf) ?? 'at_least';
}

function valueOf(leaf: TraitNode, test: Test): Literal | Literal[] | undefined {
  return test === 'missing' || test === 'known' ? undefined : leaf[test];
}

function withTest(leaf: TraitNode, test: Test, value: Literal | Literal[] | undefined): TraitNode {
  const start: TraitNode = leaf.measured === undefined ? { trait: leaf.trait } : { trait: leaf.trait, measured: leaf.measured };
  if (test === 'missing' || test === 'known') return { ...start, missing: test === 'missing' };
  return { ...start, [test]: value };
}

export function TraitEditor({ leaf, update }: TraitEditorProps) {
  const { t } = useTranslation('builder');
  const say = useSay();
  const { traits } = useCatalogue();
  const trait = traits.find((each) => each.name === leaf.trait);
  const test = testOf(leaf);
  const value = valueOf(leaf, test);
  const offered = tests.filter((each) => !ordered.includes(each) || !trait || numbers.includes(trait.type));
  const choose = (name: string) => {
    const type = traits.find((each) => each.name === name)?.type;
    update(withTest({ trait: name }, type && !numbers.includes(type) ? 'is' : 'at_least', undefined));
  };
  return (
    <div className="sentence">
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('trait.which')}
        placeholder={t('trait.which')}
        value={leaf.trait || undefined}
        options={traits.map((each) => ({ value: each.name, label: say(each.meaning) }))}
        onChange={choose}
        status={leaf.trait === '' ? 'warning' : undefined}
        style={{ width: 260, maxWidth: '100%' }}
      />
      <Select<Test> aria-label={t('trait.test')} value={test} options={offered.map((each) => ({ value: each, label: t(`test.${each}`) }))} onChange={(next) => update(withTest(leaf, next, ordered.includes(next) === ordered.includes(test) ? value : undefined))} popupMatchSelectWidth={false} />
      <Phrase>
        {test !== 'missing' && test !== 'known' && <Value type={trait?.type ?? 'text'} many={test === 'is' || test === 'is_not'} value={value} onChange={(next) => update(withTest(leaf, test, next))} />}
        {trait?.unit}
      </Phrase>
    </div>
  );
}

interface ValueProps {
  type: Type;
  many: boolean;
  value: Literal | Literal[] | undefined;
  onChange: (value: Literal | Literal[] | undefined) => void;
}

function Value({ type, many, value, onChange }: ValueProps) {
  const { t } = useTranslation('builder');
  const label = t('trait.value');
  const one = Array.isArray(value) ? value[0] : value;
  if (type === 'bool') return <Select aria-label={label} value={one} onChange={onChange} options={[{ value: true, label: t('trait.yes') }, { value: false, label: t('trait.no') }]} />;
  if (many && type === 'text') return <Select mode="tags" aria-label={label} placeholder={label} value={listOf(value)} onChange={(next: Literal[]) => onChange(next)} style={{ minWidth: 180 }} open={false} suffixIcon={null} />;
  if (type === 'int' || type === 'float') return <InputNumber aria-label={label} value={typeof one === 'number' ? one : null} precision={type === 'int' ? 0 : undefined} onChange={(next) => onChange(next ?? undefined)} style={{ width: 120 }} />;
  return <Input aria-label={label} placeholder={type === 'date' ? '2026-01-31' : label} value={one === undefined ? '' : String(one)} onChange={(event) => onChange(event.target.value.trim() || undefined)} style={{ width: 140 }} />;
}

const listOf = (value: Literal | Literal[] | undefined): Literal[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
