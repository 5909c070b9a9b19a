// What is asked of dashboards.

import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import { type Body, written } from './body';

export type Dashboard = components['schemas']['Dashboard'];

export const dashboardsQuery = queryOptions({ queryKey: ['dashboards'], queryFn: ({ signal }) => ask(api.GET('/v1/dashboards', { signal })) });

export const dashboardQuery = (name: string) => queryOptions({ queryKey: ['dashboards', name], queryFn: ({ signal }) => ask(api.GET('/v1/dashboards/{name}', { params: { path: { name } }, signal })) });

export interface Writing {
  name: string;
  title: string;
  body: Body;
  /** The version that was changed. */
  version: number;
}

export const writeDashboard = ({ name, title, body, version }: Writing) => ask(api.PUT('/v1/dashboards/{name}', { params: { path: { name } }, body: { title, body: written(body), version } }));

export const removeDashboard = (name: string) => ask(api.DELETE('/v1/dashboards/{name}', { params: { path: { name } } }));
