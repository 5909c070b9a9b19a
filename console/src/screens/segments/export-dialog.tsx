// Who belongs, as a file. The server makes it with the reader's own rights and writes it on the audit log.

import { useMutation, useQuery } from '@tanstack/react-query';
import { Form, Modal, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { save } from '@/api/save';
import type { components } from '@/api/schema';
import type { Purpose } from '@/app/purpose';
import { ErrorNote } from '@/ui/async';
import { useSay } from '@/ui/words';
import { catalogueQuery } from './queries';

type Format = components['schemas']['FileFormat'];
const formats: readonly Format[] = ['xlsx', 'csv', 'parquet'];

interface Wanted {
  format: Format;
  traits: string[];
}

interface ExportDialogProps {
  name: string;
  purpose: Purpose;
  close: () => void;
}

export function ExportDialog({ name, purpose, close }: ExportDialogProps) {
  const { t } = useTranslation('segments');
  const say = useSay();
  const [form] = Form.useForm<Wanted>();
  const catalogue = useQuery(catalogueQuery(purpose));
  const make = useMutation({
    mutationFn: async ({ format, traits }: Wanted) => {
      const file = await ask(api.POST('/v1/segment-export', { body: { purpose, expression: name, traits, format }, parseAs: 'blob' }));
      save(file as unknown as Blob, `${name}.${format}`);
    },
    onSuccess: close,
  });
  const traits = (catalogue.data?.traits ?? []).map((each) => ({ value: each.name, label: say(each.meaning) }));
  return (
    <Modal open title={t('export.title')} okText={t('export.make')} cancelText={t('common:cancel')} confirmLoading={make.isPending} onCancel={close} onOk={() => form.submit()}>
      <p className="quiet">{t('export.about', { purpose: t(`common:purpose.${purpose}`) })}</p>
      {make.error && <ErrorNote error={make.error} />}
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ format: 'xlsx', traits: [] }} onFinish={(wanted) => make.mutate(wanted)} style={{ marginTop: 16 }}>
        <Form.Item name="format" label={t('export.format')}>
          <Radio.Group options={formats.map((each) => ({ value: each, label: t(`export.${each}`) }))} />
        </Form.Item>
        <Form.Item name="traits" label={t('export.traits')}>
          <Select mode="multiple" options={traits} loading={catalogue.isPending} optionFilterProp="label" placeholder={t('export.traitsNone')} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
