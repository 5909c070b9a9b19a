// What is asked of models and offers.

import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';
import type { Tone } from '@/ui/pill';

type Schemas = components['schemas'];
export type ModelLine = Schemas['ModelLine'];
export type Model = Schemas['Model'];
export type ActOnModel = Schemas['ActOnModel'];
export type Offer = Schemas['OfferFacts'];

export const modelsQuery = queryOptions({ queryKey: ['models'], queryFn: ({ signal }) => ask(api.GET('/v1/models', { signal })) });

export const modelQuery = (name: string, version: string) => queryOptions({ queryKey: ['models', name, version], queryFn: ({ signal }) => ask(api.GET('/v1/models/{name}/versions/{version}', { params: { path: { name, version } }, signal })) });

export const actOn = (name: string, version: string, act: ActOnModel) => ask(api.POST('/v1/models/{name}/versions/{version}/acts', { params: { path: { name, version } }, body: act }));

export const offersQuery = queryOptions({ queryKey: ['offers'], queryFn: ({ signal }) => ask(api.GET('/v1/offers', { signal })) });

export const stateTones: Record<string, Tone> = { candidate: 'warn', approved: 'info', champion: 'good', challenger: 'brass', retired: 'plain', refused: 'bad' };
export const driftTones: Record<string, Tone> = { stable: 'good', watch: 'warn', act: 'bad' };
