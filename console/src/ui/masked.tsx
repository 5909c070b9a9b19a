// A value that is hidden until somebody gives a reason. The server logs reason and reader, then answers with the value.

import { EyeOutlined, LockOutlined } from '@ant-design/icons';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from './async';

/** How long an unmasked value stays on the screen. */
const SHOWN_SECONDS = 60;
export const REASON_LENGTH_MIN = 8;

interface UnmaskProps {
  /** Asks the server; what it answers is up to the caller to show, for as long as `shown` lasts. */
  reveal: (reason: string) => Promise<void>;
  hide: () => void;
  shown: boolean;
}

export function Unmask({ reveal, hide, shown }: UnmaskProps) {
  const { t } = useTranslation('common');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(hide, SHOWN_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [shown, hide]);
  if (shown) {
    return (
      <Button size="small" icon={<LockOutlined aria-hidden />} onClick={hide}>
        {t('masked.hide')}
      </Button>
    );
  }
  return (
    <>
      <Button size="small" icon={<EyeOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('masked.unmask')}
      </Button>
      {open && <ReasonDialog close={() => setOpen(false)} reveal={reveal} />}
    </>
  );
}

interface ReasonDialogProps {
  close: () => void;
  reveal: (reason: string) => Promise<void>;
}

interface Reason {
  kind: (typeof usual)[number];
  words: string;
}

const usual = ['calls', 'verifies', 'complaint', 'fraud', 'other'] as const;

function ReasonDialog({ close, reveal }: ReasonDialogProps) {
  const { t } = useTranslation('common');
  const [form] = Form.useForm<Reason>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const send = async ({ kind, words }: Reason) => {
    setBusy(true);
    try {
      await reveal(`${t(`masked.reasons.${kind}`)}: ${words.trim()}`);
      close();
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open title={t('masked.title')} okText={t('masked.show')} cancelText={t('cancel')} confirmLoading={busy} onOk={() => form.submit()} onCancel={close}>
      <p className="quiet">{t('masked.logged', { seconds: SHOWN_SECONDS })}</p>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: 'calls' }} onFinish={(typed) => void send(typed)} style={{ marginTop: 16 }}>
        <Form.Item name="kind" label={t('masked.why')}>
          <Select options={usual.map((each) => ({ value: each, label: t(`masked.reasons.${each}`) }))} />
        </Form.Item>
        <Form.Item name="words" label={t('masked.words')} rules={[{ required: true, min: REASON_LENGTH_MIN, whitespace: true, message: t('masked.tooShort', { count: REASON_LENGTH_MIN }) }]}>
          <Input.TextArea rows={3} maxLength={300} placeholder={t('masked.example')} />
        </Form.Item>
      </Form>
      {error && <ErrorNote error={error} />}
    </Modal>
  );
}
