// Something secret that is shown once, to be handed on.

import { CopyOutlined } from '@ant-design/icons';
import { Alert, App, Button, Modal } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './users.css';

interface OnceProps {
  title: string;
  about: string;
  secret: string;
  close: () => void;
  children?: ReactNode;
}

export function Once({ title, about, secret, close, children }: OnceProps) {
  const { t } = useTranslation('users');
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => message.success(t('once.copied')),
      () => message.warning(t('once.notCopied')),
    );
  return (
    <Modal open title={title} onCancel={close} mask={{ closable: false }} footer={<Button type="primary" onClick={close}>{t('once.done')}</Button>}>
      <Alert type="warning" showIcon title={about} />
      <div className="once">
        <code>{secret}</code>
        <Button icon={<CopyOutlined aria-hidden />} onClick={() => void copy()}>
          {t('once.copy')}
        </Button>
      </div>
      {children && <p className="quiet">{children}</p>}
    </Modal>
  );
}
