// An answer as a file. The server makes it with the reader's own rights, and writes it on the audit log.

import { DownloadOutlined } from '@ant-design/icons';
import { App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { save } from '@/api/save';
import type { components } from '@/api/schema';

type Format = components['schemas']['FileFormat'];
const formats: readonly Format[] = ['xlsx', 'csv', 'parquet'];

interface ExportMenuProps {
  name: string;
  make: (format: Format) => Promise<unknown>;
  disabled?: boolean;
}

export function ExportMenu({ name, make, disabled = false }: ExportMenuProps) {
  const { t } = useTranslation('rows');
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const begin = async (format: Format) => {
    setBusy(true);
    try {
      save((await make(format)) as Blob, `${name}.${format}`);
    } catch (error) {
      void message.error((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dropdown trigger={['click']} disabled={disabled} menu={{ items: formats.map((each) => ({ key: each, label: t(`format.${each}`) })), onClick: ({ key }) => void begin(key as Format) }}>
      <Button icon={<DownloadOutlined />} loading={busy}>{t('export')}</Button>
    </Dropdown>
  );
}
