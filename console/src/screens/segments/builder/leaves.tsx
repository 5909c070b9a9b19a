// One condition, written as a sentence with fields in it.

import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSay } from '@/ui/words';
import { useCatalogue, useDeeds, useValues } from './catalogue';
import { CountField, NameField, Phrase, SpanField } from './fields';
import { TraitEditor } from './trait';
import type { DidNode, HoldsNode, Leaf, SegmentNode, SequenceNode } from './tree';

interface EditorProps<T> {
  leaf: T;
  update: (leaf: T) => void;
}

export function LeafEditor({ leaf, update }: EditorProps<Leaf>) {
  if ('trait' in leaf) return <TraitEditor leaf={leaf} update={update} />;
  if ('sequence' in leaf) return <SequenceEditor leaf={leaf} update={update} />;
  if ('holds' in leaf) return <HoldsEditor leaf={leaf} update={update} />;
  if ('segment' in leaf) return <SegmentEditor leaf={leaf} update={update} />;
  return <DidEditor leaf={leaf} update={update} />;
}

function DidEditor({ leaf, update }: EditorProps<DidNode>) {
  const { t } = useTranslation('builder');
  const deeds = useDeeds();
  const channels = useValues('event', 'channel');
  const never = leaf.did_not !== undefined;
  const name = leaf.did_not ?? leaf.did ?? '';
  const become = (ever: boolean) => {
    const { did: _did, did_not: _not, at_least_times: _least, at_most_times: _most, ...rest } = leaf;
    update(ever ? { did: name, ...rest } : { did_not: name, ...rest });
  };
  const rename = (next: string) => update(never ? { ...leaf, did_not: next } : { ...leaf, did: next });
  return (
    <div className="sentence">
      <Select aria-label={t('did.whether')} value={never} onChange={(next) => become(!next)} options={[{ value: false, label: t('did.did') }, { value: true, label: t('did.didNot') }]} popupMatchSelectWidth={false} />
      <NameField label={t('did.what')} value={name} options={deeds} onChange={rename} />
      {!never && (
        <>
          <Phrase>
            {t('did.atLeast')}
            <CountField label={t('did.atLeastTimes')} placeholder="1" min={0} value={leaf.at_least_times} onChange={(at_least_times) => update({ ...leaf, at_least_times })} />
          </Phrase>
          <Phrase>
            {t('did.atMost')}
            <CountField label={t('did.atMostTimes')} placeholder="∞" min={0} value={leaf.at_most_times} onChange={(at_most_times) => update({ ...leaf, at_most_times })} />
            {t('did.times')}
          </Phrase>
        </>
      )}
      <Last leaf={leaf} update={update} />
      <Phrase>
        {t('did.channel')}
        <NameField label={t('did.anyChannel')} value={leaf.channel ?? ''} options={channels} onChange={(channel) => update({ ...leaf, channel: channel || undefined })} width={120} optional />
      </Phrase>
      <Phrase>
        {t('did.amount')}
        <Amount value={leaf.amount_at_least} onChange={(amount_at_least) => update({ ...leaf, amount_at_least })} />
      </Phrase>
    </div>
  );
}

/** In the last so long. */
function Last<T extends DidNode | SequenceNode>({ leaf, update }: EditorProps<T>) {
  const { t } = useTranslation('builder');
  return (
    <Phrase>
      {t('did.inLast')}
      <SpanField label={t('did.span')} days={leaf.in_last_days} hours={leaf.in_last_hours} ever={t('did.ever')} onChange={({ days, hours }) => update({ ...leaf, in_last_days: days, in_last_hours: hours })} />
    </Phrase>
  );
}

interface AmountProps {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Money is decimal text: a float would lose digits. */
function Amount({ value, onChange }: AmountProps) {
  const { t } = useTranslation('builder');
  const wrong = value !== undefined && !/^\d+(\.\d{1,4})?$/.test(value);
  return <Input aria-label={t('did.amountLabel')} inputMode="decimal" placeholder={t('did.anyAmount')} value={value ?? ''} status={wrong ? 'error' : undefined} onChange={(event) => onChange(event.target.value.trim() || undefined)} style={{ width: 120 }} />;
}

function SequenceEditor({ leaf, update }: EditorProps<SequenceNode>) {
  const { t } = useTranslation('builder');
  const deeds = useDeeds();
  const put = (nth: number, name: string) => update({ ...leaf, sequence: leaf.sequence.map((each, at) => (at === nth ? name : each)) });
  const drop = (nth: number) => update({ ...leaf, sequence: leaf.sequence.filter((_, at) => at !== nth) });
  return (
    <div>
      <p className="sentence-head">{t('sequence.did')}</p>
      <ol className="steps">
        {leaf.sequence.map((name, nth) => (
          // Steps have no name but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={nth}>
            <span className="step-number num">{nth + 1}</span>
            <NameField label={t('sequence.step', { number: nth + 1 })} value={name} options={deeds} onChange={(next) => put(nth, next)} />
            {leaf.sequence.length > 2 && <Button type="text" size="small" icon={<DeleteOutlined aria-hidden />} aria-label={t('sequence.remove', { number: nth + 1 })} onClick={() => drop(nth)} />}
          </li>
        ))}
      </ol>
      <div className="sentence">
        <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={() => update({ ...leaf, sequence: [...leaf.sequence, ''] })}>
          {t('sequence.add')}
        </Button>
        <Phrase>
          {t('sequence.within')}
          <SpanField label={t('sequence.withinSpan')} min={0} days={leaf.within_days} hours={leaf.within_hours} ever={t('sequence.however')} onChange={({ days, hours }) => update({ ...leaf, within_days: days, within_hours: hours })} />
        </Phrase>
        <Last leaf={leaf} update={update} />
      </div>
    </div>
  );
}

function HoldsEditor({ leaf, update }: EditorProps<HoldsNode>) {
  const { t } = useTranslation('builder');
  const families = useValues('product', 'family');
  return (
    <div className="sentence">
      <span>{t('holds.holds')}</span>
      <NameField label={t('holds.product')} value={leaf.holds} options={families} onChange={(holds) => update({ ...leaf, holds })} />
      <Phrase>
        {t('holds.for')}
        <CountField label={t('holds.days')} placeholder="0" value={leaf.for_days} onChange={(for_days) => update({ ...leaf, for_days })} />
        {t('unit.days')}
      </Phrase>
    </div>
  );
}

function SegmentEditor({ leaf, update }: EditorProps<SegmentNode>) {
  const { t } = useTranslation('builder');
  const say = useSay();
  const { segments } = useCatalogue();
  const options = Object.entries(segments).map(([value, words]) => ({ value, label: say(words) }));
  return (
    <div className="sentence">
      <span>{t('segment.belongs')}</span>
      <Select showSearch={{ optionFilterProp: 'label' }} aria-label={t('segment.which')} placeholder={t('segment.which')} value={leaf.segment || undefined} options={options} onChange={(segment: string) => update({ segment })} status={leaf.segment === '' ? 'warning' : undefined} style={{ width: 320, maxWidth: '100%' }} />
      <Phrase>
        {t('segment.cluster')}
        <CountField label={t('segment.clusterNumber')} placeholder={t('segment.any')} min={1} value={leaf.cluster} onChange={(cluster) => update({ ...leaf, cluster })} />
      </Phrase>
    </div>
  );
}
