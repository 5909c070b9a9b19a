// Saving a segment: it is checked first, what changes in the bank directory is shown, then it is written.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Alert, Checkbox, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/error';
import { type Purpose, purposes, usePurpose } from '@/app/purpose';
import { ErrorNote } from '@/ui/async';
import type { Node } from './tree';

interface Wanted {
  name: string;
  zh: string;
  en: string;
  purposes: Purpose[];
}

const NAME = /^[a-z][a-z0-9_]{1,62}$/;

interface SaveDialogProps {
  predicate: Node;
  close: () => void;
}

/** As `segments/*.toml` is written. */
const fileOf = ({ name, zh, en, purposes: allowed }: Wanted, where: Node) => ({ segment: [{ name, meaning: { zh, en }, purposes: allowed, where }] });

export function SaveDialog({ predicate, close }: SaveDialogProps) {
  const { t } = useTranslation('builder');
  const [purpose] = usePurpose();
  const [form] = Form.useForm<Wanted>();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const write = (wanted: Wanted, plan: boolean) =>
    ask(api.PUT('/v1/definitions/{kind}/{name}', { params: { path: { kind: 'segment', name: wanted.name } }, body: { object: fileOf(wanted, predicate) as unknown as Record<string, never>, plan } }));
  const plan = useMutation({ mutationFn: (wanted: Wanted) => write(wanted, true) });
  const save = useMutation({
    mutationFn: (wanted: Wanted) => write(wanted, false),
    onSuccess: async (_, { name }) => {
      await queries.invalidateQueries({ queryKey: ['segments'] });
      await navigate({ to: '/segments/$name', params: { name } });
    },
  });
  const error = save.error ?? plan.error;
  const send = (wanted: Wanted) => (plan.data ? save.mutate(wanted) : plan.mutate(wanted));
  return (
    <Modal open title={t('save.title')} okText={t(plan.data ? 'save.save' : 'save.check')} cancelText={t('common:cancel')} confirmLoading={plan.isPending || save.isPending} onCancel={close} onOk={() => form.submit()}>
      <p className="quiet">{t('save.about')}</p>
      {error && <ErrorNote error={error} />}
      {error instanceof ApiError && error.places.map((place) => <p key={place.message}>{place.message} — {place.help}</p>)}
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ purposes: [purpose] }} onValuesChange={() => plan.reset()} onFinish={send} style={{ marginTop: 12 }}>
        <Form.Item name="name" label={t('save.name')} extra={t('save.nameRule')} rules={[{ required: true, pattern: NAME, message: t('save.nameWrong') }]}>
          <Input autoComplete="off" spellCheck={false} />
        </Form.Item>
        <Form.Item name="zh" label={t('save.zh')} rules={[{ required: true, whitespace: true, message: t('save.meaningMissing') }]}>
          <Input lang="zh-CN" autoComplete="off" />
        </Form.Item>
        <Form.Item name="en" label={t('save.en')} rules={[{ required: true, whitespace: true, message: t('save.meaningMissing') }]}>
          <Input lang="en" autoComplete="off" />
        </Form.Item>
        <Form.Item name="purposes" label={t('save.purposes')} rules={[{ required: true, type: 'array', min: 1, message: t('save.purposesMissing') }]}>
          <Checkbox.Group options={purposes.map((each) => ({ value: each, label: t(`common:purpose.${each}`) }))} />
        </Form.Item>
      </Form>
      {plan.data && <Alert type="info" showIcon title={t('save.changes')} description={[...plan.data.changes, ...plan.data.notes].map((line) => <p key={line}>{line}</p>)} />}
    </Modal>
  );
}
