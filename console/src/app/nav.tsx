// The entries of the navigation. An entry is shown when its route is there, so a screen appears by adding its routes.

import {
  AppstoreOutlined,
  AuditOutlined,
  BarChartOutlined,
  BranchesOutlined,
  CodeOutlined,
  DatabaseOutlined,
  ExperimentOutlined,
  FunnelPlotOutlined,
  GiftOutlined,
  HomeOutlined,
  LineChartOutlined,
  NodeIndexOutlined,
  PartitionOutlined,
  ScheduleOutlined,
  SettingOutlined,
  TableOutlined,
  TeamOutlined,
  UserOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import type { Me } from './session';

export interface Entry {
  /** The key of its name in `common:nav`. */
  name: string;
  path: string;
  icon: ComponentType<{ 'aria-hidden'?: boolean }>;
  shownTo?: (me: Me) => boolean;
}

export interface Group {
  name: string;
  entries: Entry[];
}

export const groups: readonly Group[] = [
  { name: 'start', entries: [{ name: 'home', path: '/', icon: HomeOutlined }] },
  {
    name: 'people',
    entries: [
      { name: 'customers', path: '/customers', icon: UserOutlined },
      { name: 'segments', path: '/segments', icon: TeamOutlined },
    ],
  },
  {
    name: 'behaviour',
    entries: [
      { name: 'funnel', path: '/funnel', icon: FunnelPlotOutlined },
      { name: 'retention', path: '/retention', icon: TableOutlined },
      { name: 'paths', path: '/paths', icon: BranchesOutlined },
      { name: 'sessions', path: '/sessions', icon: LineChartOutlined },
    ],
  },
  {
    name: 'questions',
    entries: [
      { name: 'explore', path: '/explore', icon: BarChartOutlined },
      { name: 'dashboards', path: '/dashboards', icon: AppstoreOutlined },
      { name: 'sql', path: '/sql', icon: CodeOutlined },
    ],
  },
  {
    name: 'decisions',
    entries: [
      { name: 'models', path: '/models', icon: ExperimentOutlined },
      { name: 'recommendations', path: '/recommendations', icon: GiftOutlined },
    ],
  },
  {
    name: 'data',
    entries: [
      { name: 'sources', path: '/data', icon: DatabaseOutlined },
      { name: 'quality', path: '/quality', icon: PartitionOutlined, shownTo: (me) => me.actions.includes('maintain') },
      { name: 'lineage', path: '/lineage', icon: NodeIndexOutlined },
      { name: 'jobs', path: '/jobs', icon: ScheduleOutlined },
    ],
  },
  {
    name: 'rules',
    entries: [
      { name: 'governance', path: '/governance', icon: AuditOutlined },
      { name: 'users', path: '/users', icon: SettingOutlined, shownTo: (me) => me.administrator },
    ],
  },
];

/** Which entries a reader sees, of those whose screens are there. */
export function visibleGroups(me: Me, isThere: (path: string) => boolean): Group[] {
  return groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => isThere(entry.path) && (entry.shownTo?.(me) ?? true)) }))
    .filter((group) => group.entries.length > 0);
}
