// The colours, spaces and letters of the console. Every other file takes them from here: CSS as `var(--ink)`,
// antd through `antd.ts`, charts through `ui/chart/theme.ts`. `test/contrast.test.ts` keeps pairs readable.

export type Mode = 'light' | 'dark';

export interface Palette {
  /** Behind everything. */
  paper: string;
  /** Cards, tables, menus. */
  surface: string;
  /** Heads of tables, wells, code. */
  sunken: string;
  line: string;
  /** Borders of what can be typed into: at least 3:1 (WCAG 1.4.11). */
  lineStrong: string;
  ink: string;
  inkSoft: string;
  inkFaint: string;
  primary: string;
  primarySoft: string;
  /** Text on `primary`. */
  onPrimary: string;
  brass: string;
  brassSoft: string;
  good: string;
  goodSoft: string;
  warn: string;
  warnSoft: string;
  bad: string;
  badSoft: string;
  info: string;
  infoSoft: string;
  rail: string;
  railInk: string;
  railFaint: string;
  railActive: string;
  shadow: string;
}

export const palettes: Record<Mode, Palette> = {
  light: {
    paper: '#f4f6f5',
    surface: '#ffffff',
    sunken: '#f0f3f2',
    line: '#dfe5e3',
    lineStrong: '#7e8c91',
    ink: '#13242b',
    inkSoft: '#42555d',
    inkFaint: '#576970',
    primary: '#0e5a66',
    primarySoft: '#e2eff0',
    onPrimary: '#ffffff',
    brass: '#805a13',
    brassSoft: '#f8f0de',
    good: '#1a6b44',
    goodSoft: '#e3f2ea',
    warn: '#865500',
    warnSoft: '#fcf1da',
    bad: '#ab2419',
    badSoft: '#fbe9e7',
    info: '#1c5a9e',
    infoSoft: '#e6eff9',
    rail: '#0b2a32',
    railInk: '#e4eeef',
    railFaint: '#9fb9be',
    railActive: '#174450',
    shadow: '0 1px 2px rgb(16 36 43 / 6%), 0 4px 16px rgb(16 36 43 / 4%)',
  },
  dark: {
    paper: '#0c1317',
    surface: '#131c22',
    sunken: '#182329',
    line: '#26343c',
    lineStrong: '#667a84',
    ink: '#e6eef0',
    inkSoft: '#b3c2c9',
    inkFaint: '#95a7af',
    primary: '#4fb0bd',
    primarySoft: '#12343c',
    onPrimary: '#04181c',
    brass: '#dcb96c',
    brassSoft: '#32290f',
    good: '#5fc592',
    goodSoft: '#11301f',
    warn: '#e4b158',
    warnSoft: '#33280e',
    bad: '#f4958c',
    badSoft: '#3a1714',
    info: '#86b8f2',
    infoSoft: '#13293f',
    rail: '#0a1013',
    railInk: '#e0eaec',
    railFaint: '#8ea3ab',
    railActive: '#17272e',
    shadow: '0 1px 2px rgb(0 0 0 / 40%), 0 4px 16px rgb(0 0 0 / 25%)',
  },
};

/** Colours of series in charts, told apart also by those who see no red or green (order matters). */
export const series: Record<Mode, readonly string[]> = {
  light: ['#0e6a78', '#b7791f', '#4a6fb0', '#a8483a', '#5b8a4f', '#7a568f', '#3d93a0', '#85702c'],
  dark: ['#4fb0bd', '#dcb96c', '#86a9e6', '#e58a7c', '#8cc17f', '#bd99d4', '#8fd3dc', '#b9ad6a'],
};

/** From little to much, for heat maps: each step is told from the last by lightness alone. */
export const ramp: Record<Mode, readonly string[]> = {
  light: ['#eef5f5', '#c9e1e3', '#95c4c9', '#559fa8', '#1f7481', '#0b4650'],
  dark: ['#15242a', '#1b3d45', '#226069', '#338592', '#5cb1bd', '#a5e0e7'],
};

const system = "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif";

export const letters = {
  /** `--letters` depends on the language (`base.css`). */
  sans: `var(--letters), ${system}`,
  /** For pictures that may leave the page. */
  charts: `'Inter Variable', ${system}`,
  mono: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', 'Noto Sans Mono CJK SC', monospace",
};

/** Below this many pixels the navigation becomes a drawer. */
export const NARROW = 960;

/** `inkSoft` as `--ink-soft`, for style sheets. */
export function cssVariables(mode: Mode): Record<string, string> {
  const entries = Object.entries(palettes[mode]).map(([name, value]) => [`--${kebab(name)}`, value] as const);
  return Object.fromEntries([...entries, ['--sans', letters.sans], ['--mono', letters.mono]]);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
