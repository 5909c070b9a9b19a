// Text is readable and marks are visible on every ground they stand on (WCAG 1.4.3 and 1.4.11).

import { describe, expect, test } from 'vitest';
import { type Mode, type Palette, palettes, ramp, series } from '../src/theme/tokens';

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

type Name = keyof Palette;
const TEXT = 4.5;
const MARK = 3;

const texts: [Name, Name[]][] = [
  ['ink', ['paper', 'surface', 'sunken', 'primarySoft']],
  ['inkSoft', ['paper', 'surface', 'sunken', 'primarySoft', 'badSoft', 'warnSoft', 'infoSoft', 'goodSoft']],
  ['inkFaint', ['paper', 'surface', 'sunken', 'primarySoft']],
  ['primary', ['paper', 'surface', 'sunken', 'primarySoft']],
  ['onPrimary', ['primary']],
  ['brass', ['surface', 'brassSoft']],
  ['good', ['surface', 'sunken', 'goodSoft']],
  ['warn', ['surface', 'sunken', 'warnSoft']],
  ['bad', ['surface', 'sunken', 'badSoft']],
  ['info', ['surface', 'sunken', 'infoSoft']],
  ['railInk', ['rail', 'railActive']],
  ['railFaint', ['rail', 'railActive']],
];
const marks: [Name, Name[]][] = [['lineStrong', ['surface', 'paper', 'sunken']]];

describe.each(['light', 'dark'] as Mode[])('in %s', (mode) => {
  const palette = palettes[mode];

  test.each(texts)('%s can be read', (name, grounds) => {
    for (const ground of grounds) expect(contrast(palette[name], palette[ground]), `on ${ground}`).toBeGreaterThanOrEqual(TEXT);
  });

  test.each(marks)('%s can be seen', (name, grounds) => {
    for (const ground of grounds) expect(contrast(palette[name], palette[ground]), `on ${ground}`).toBeGreaterThanOrEqual(MARK);
  });

  test('series of charts can be seen', () => {
    for (const colour of series[mode]) expect(contrast(colour, palette.surface), colour).toBeGreaterThanOrEqual(MARK);
  });

  test('each step of a heat map is told from the one before', () => {
    const light = ramp[mode].map(luminance);
    for (const [at, value] of light.slice(1).entries()) expect(contrast(ramp[mode][at] ?? '', ramp[mode][at + 1] ?? ''), String(value)).toBeGreaterThanOrEqual(1.15);
  });
});
