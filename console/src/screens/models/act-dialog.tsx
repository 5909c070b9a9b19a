// Something to be done with a version. What needs a reason asks for one: it is kept with the act.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '@/ui/async';
import { type ActOnModel, actOn, type ModelLine } from './queries';

export type ActKind = 'approve' | 'refuse' | 'waive' | 'promote' | 'challenge' | 'retire' | 'rollback';

const REASON_LENGTH_MIN = 8;

interface Said {
  reason: string;
  guard: string;
}

function actOf(kind: ActKind, { reason, guard }: Said): ActOnModel {
  if (kind === 'approve') return { act: 'approve' };
  if (kind === 'promote' || kind === 'challenge') return { act: 'promote', challenger: kind === 'challenge' };
  return kind === 'waive' ? { act: 'waive', guard, reason } : { act: kind, reason };
}

interface ActDialogProps {
  kind: ActKind;
  line: ModelLine;
  version: string;
  close: () => void;
}

export function ActDialog({ kind, line, version, close }: ActDialogProps) {
  const { t } = useTranslation('models');
  const queries = useQueryClient();
  const [form] = Form.useForm<Said>();
  const act = useMutation({
    mutationFn: (said: Said) => actOn(line.name, version, actOf(kind, said)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['models'] });
      close();
    },
  });
  const asks = kind !== 'approve' && kind !== 'promote' && kind !== 'challenge';
  return (
    <Modal open title={`${t(`act.${kind}`)}: ${line.name} ${t('version', { version })}`} okText={t(`act.${kind}`)} okButtonProps={{ danger: kind === 'refuse' || kind === 'retire' }} cancelText={t('common:cancel')} confirmLoading={act.isPending} onCancel={close} onOk={() => form.submit()}>
      <p className="quiet">{t(`actAbout.${kind}`)}</p>
      <Form<Said> form={form} layout="vertical" requiredMark={false} initialValues={{ reason: '', guard: line.held_back_by[0] }} onFinish={(said) => act.mutate(said)} style={{ marginTop: 16 }}>
        {kind === 'waive' && <Form.Item name="guard" label={t('guard')}><Select options={line.held_back_by.map((guard) => ({ value: guard, label: guard }))} /></Form.Item>}
        {asks && <Form.Item name="reason" label={t('reason')} rules={[{ required: true, min: REASON_LENGTH_MIN, whitespace: true, message: t('reasonShort', { count: REASON_LENGTH_MIN }) }]}><Input.TextArea rows={3} maxLength={500} /></Form.Item>}
      </Form>
      {act.error && <ErrorNote error={act.error} />}
    </Modal>
  );
}
