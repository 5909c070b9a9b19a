// Saves a journey into the bank directory, where `florin apply` reads it too. Shows what the check found, with file and line.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { ApiError } from '@/api/error';
import { ErrorNote } from '@/ui/async';
import type { JourneyDef } from './definition';

interface Wanted {
  name: string;
  about: string;
}

interface SaveDialogProps {
  def: JourneyDef;
  name: string | undefined;
  close: (saved?: string) => void;
}

export function SaveDialog({ def, name, close }: SaveDialogProps) {
  const { t } = useTranslation('journeys');
  const queries = useQueryClient();
  const [form] = Form.useForm<Wanted>();
  const write = ({ name: as, about }: Wanted, plan: boolean) =>
    ask(api.PUT('/v1/definitions/{kind}/{name}', { params: { path: { kind: 'journey', name: as } }, body: { object: { ...def, about } as unknown as Record<string, never>, plan } }));
  const save = useMutation({
    mutationFn: async (wanted: Wanted) => {
      await write(wanted, false);
      return wanted.name;
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ['journeys'] });
      close(saved);
    },
  });
  return (
    <Modal open title={t('saveTitle')} okText={t('save')} cancelText={t('common:cancel')} confirmLoading={save.isPending} onCancel={() => close()} onOk={() => form.submit()}>
      <p className="quiet">{t('saveAbout')}</p>
      <Form<Wanted> form={form} layout="vertical" requiredMark={false} initialValues={{ name: name ?? '', about: def.about ?? '' }} onFinish={(wanted) => save.mutate(wanted)} style={{ marginTop: 16 }}>
        <Form.Item name="name" label={t('saveName')} rules={[{ required: true, pattern: /^[a-z0-9_]{1,60}$/, message: t('saveNameWrong') }]}>
          <Input className="mono" autoComplete="off" />
        </Form.Item>
        <Form.Item name="about" label={t('saveWhat')} rules={[{ required: true, whitespace: true, message: t('saveWhatWrong') }]}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} />
        </Form.Item>
      </Form>
      {save.error && <Problems error={save.error} />}
    </Modal>
  );
}

function Problems({ error }: { error: Error }) {
  if (!(error instanceof ApiError) || error.places.length === 0) return <ErrorNote error={error} />;
  return (
    <div className="stacked" role="alert">
      {error.places.map((place) => (
        <Alert key={`${place.file} ${place.line} ${place.message}`} type="error" showIcon title={<><code>{place.file}{place.line ? `:${place.line}` : ''}</code> {place.message}</>} description={place.help} />
      ))}
    </div>
  );
}
