// Who a person is made of, what spoke for each merge, and how to take one back.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { REASON_LENGTH_MIN } from '@/ui/masked';
import { Async, Empty, ErrorNote } from '@/ui/async';
import { Panel } from '@/ui/page';
import { Pill, type Tone } from '@/ui/pill';
import { Share, When } from '@/ui/values';
import { type Merged, type Person, personQuery } from './queries';
import { Weights } from './weights';

export function IdentityPart({ customer }: { customer: number }) {
  const person = useQuery(personQuery(customer));
  return <Async of={person}>{(data) => <Parts person={data} />}</Async>;
}

function Parts({ person }: { person: Person }) {
  const { t } = useTranslation('customer');
  const [undoing, setUndoing] = useState<Merged>();
  return (
    <div className="grid">
      <div className="span-4">
        <Panel title={t('identity.members', { count: person.members.length })} about={t('identity.membersAbout')}>
          <ul className="pairs">
            {person.members.map((member) => (
              <li key={`${member.system} ${member.customer}`}>
                <span>{member.system}</span>
                <b className="num">{member.customer}</b>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <div className="span-8 stack">
        {person.events.length === 0 && <Panel><Empty title={t('identity.none')} next={t('identity.noneNext')} /></Panel>}
        {person.events.map((event) => (
          <EventPanel key={event.event} event={event} undo={() => setUndoing(event)} />
        ))}
      </div>
      {undoing && <UndoDialog event={undoing} close={() => setUndoing(undefined)} />}
    </div>
  );
}

const tones: Record<string, Tone> = { merged: 'good', split: 'warn', undone: 'plain' };

function EventPanel({ event, undo }: { event: Merged; undo: () => void }) {
  const { t, i18n } = useTranslation('customer');
  const what = i18n.exists(`customer:identity.${event.what}`) ? t(`identity.${event.what}`) : event.what;
  return (
    <Panel
      title={
        <span className="row">
          <Pill tone={tones[event.what]}>{what}</Pill>
          <span className="num">{event.customers.join(' + ')}</span>
        </span>
      }
      about={<><When at={event.at} /> · {event.by} · {event.reason}</>}
      extra={
        event.what !== 'undone' && (
          <Button size="small" onClick={undo} aria-label={t('identity.undoOf', { number: event.event })}>
            {t('identity.undo')}
          </Button>
        )
      }
    >
      {event.because ? <Because because={event.because} /> : <p className="quiet">{t('identity.byHand')}</p>}
    </Panel>
  );
}

function Because({ because }: { because: NonNullable<Merged['because']> }) {
  const { t } = useTranslation('customer');
  return (
    <>
      <p>
        {because.certain_rule ? t('identity.certain', { rule: because.certain_rule }) : t('identity.probability')}{' '}
        {!because.certain_rule && <b><Share value={because.probability} digits={2} /></b>}
      </p>
      {because.steps.length > 0 && <Weights because={because} />}
    </>
  );
}

function UndoDialog({ event, close }: { event: Merged; close: () => void }) {
  const { t } = useTranslation('customer');
  const { message } = App.useApp();
  const [form] = Form.useForm<{ reason: string }>();
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: ({ reason }: { reason: string }) => ask(api.POST('/v1/identity/{event}/undo', { params: { path: { event: String(event.event) } }, body: { customers: event.customers, reason } })),
    onSuccess: () => {
      void message.success(t('identity.undoneNow'));
      void queries.invalidateQueries({ queryKey: ['customer'] });
      close();
    },
  });
  return (
    <Modal open title={t('identity.undoTitle')} okText={t('identity.undo')} cancelText={t('common:cancel')} confirmLoading={undo.isPending} onCancel={close} onOk={() => form.submit()}>
      <p className="quiet">{t('identity.undoAbout', { customers: event.customers.join(' + ') })}</p>
      {undo.error && <ErrorNote error={undo.error} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(typed) => undo.mutate(typed)} style={{ marginTop: 16 }}>
        <Form.Item name="reason" label={t('identity.why')} rules={[{ required: true, whitespace: true, min: REASON_LENGTH_MIN, message: t('common:masked.tooShort', { count: REASON_LENGTH_MIN }) }]}>
          <Input.TextArea rows={3} maxLength={300} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
