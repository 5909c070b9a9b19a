// Puts a question on a dashboard, one that there is or a new one.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '@/ui/async';
import { nameOf, readBody, type Tile, TILE } from '../dashboards/body';
import { dashboardsQuery, writeDashboard } from '../dashboards/queries';
import type { ChartType, Shelves } from './shelves';

interface Wanted {
  on: string;
  dashboard: string;
  title: string;
}

interface SaveTileProps {
  shelves: Shelves;
  chart: ChartType;
  title: string;
  close: () => void;
}

const NEW = '';

export function SaveTile({ shelves, chart, title, close }: SaveTileProps) {
  const { t } = useTranslation('explore');
  const queries = useQueryClient();
  const [form] = Form.useForm<Wanted>();
  const dashboards = useQuery(dashboardsQuery);
  const on = Form.useWatch('on', form) ?? NEW;
  const save = useMutation({
    mutationFn: async (wanted: Wanted) => {
      const known = (dashboards.data ?? []).find(({ name }) => name === wanted.on);
      const tile: Tile = { id: crypto.randomUUID().slice(0, 8), title: wanted.title, shelves, chart, w: chart === 'number' ? TILE.w.min : TILE.w.usual, h: chart === 'number' ? TILE.h.min : TILE.h.usual };
      const body = { tiles: [...readBody(known?.body).tiles, tile] };
      return writeDashboard({ name: known?.name ?? nameOf(wanted.dashboard, tile.id), title: known?.title ?? wanted.dashboard, body, version: known?.version ?? 0 });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['dashboards'] }),
  });
  const saved = save.data;
  return (
    <Modal open title={t('saveTitle')} okText={t('save')} okButtonProps={{ disabled: saved !== undefined }} cancelText={t(saved ? 'close' : 'common:cancel')} confirmLoading={save.isPending} onCancel={close} onOk={() => form.submit()}>
      <Form<Wanted> form={form} layout="vertical" requiredMark={false} initialValues={{ on: NEW, title, dashboard: '' }} onFinish={(wanted) => save.mutate(wanted)} style={{ marginTop: 12 }}>
        <Form.Item name="on" label={t('on')}>
          <Select options={[{ value: NEW, label: t('newDashboard') }, ...(dashboards.data ?? []).map((each) => ({ value: each.name, label: each.title }))]} loading={dashboards.isPending} />
        </Form.Item>
        {on === NEW && <Form.Item name="dashboard" label={t('dashboardTitle')} rules={[{ required: true, whitespace: true, message: t('needed') }]}><Input maxLength={120} /></Form.Item>}
        <Form.Item name="title" label={t('tileTitle')} rules={[{ required: true, whitespace: true, message: t('needed') }]}><Input maxLength={120} /></Form.Item>
      </Form>
      {save.error && <ErrorNote error={save.error} />}
      {saved && <Alert type="success" showIcon role="status" title={t('saved')} description={<Link to="/dashboards/$name" params={{ name: saved.name }}>{saved.title}</Link>} />}
    </Modal>
  );
}
