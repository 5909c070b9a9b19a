// Where the console is: at FLORIN_URL, or on the stand-in.

import type { TestProject } from 'vitest/node';
import { standIn } from './stand-in/server';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
    /** Whether examples are answered, rather than a bank's own data. */
    examples: boolean;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const real = process.env.FLORIN_URL;
  if (real) {
    project.provide('url', real);
    project.provide('examples', false);
    return () => {};
  }
  const { url, stop } = await standIn();
  project.provide('url', url);
  project.provide('examples', true);
  return stop;
}
