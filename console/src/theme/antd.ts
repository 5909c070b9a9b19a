// antd dressed in our tokens. Where a component's own default misses 4.5:1, the component is set here, once.

import { theme, type ThemeConfig } from 'antd';
import { letters, type Mode, palettes } from './tokens';

export function antdTheme(mode: Mode, still: boolean): ThemeConfig {
  const p = palettes[mode];
  return {
    algorithm: mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    cssVar: { key: 'florin' },
    hashed: false,
    token: {
      colorPrimary: p.primary,
      colorInfo: p.info,
      colorSuccess: p.good,
      colorWarning: p.warn,
      colorError: p.bad,
      colorErrorText: p.bad,
      colorWarningText: p.warn,
      colorSuccessText: p.good,
      colorErrorBg: p.badSoft,
      colorWarningBg: p.warnSoft,
      colorSuccessBg: p.goodSoft,
      colorInfoBg: p.infoSoft,
      colorErrorBorder: p.line,
      colorWarningBorder: p.line,
      colorSuccessBorder: p.line,
      colorInfoBorder: p.line,
      colorLink: p.primary,
      colorLinkHover: p.primary,
      colorLinkActive: p.primary,
      colorPrimaryText: p.primary,
      colorTextBase: p.ink,
      colorText: p.ink,
      colorTextSecondary: p.inkSoft,
      colorTextTertiary: p.inkFaint,
      colorTextDescription: p.inkFaint,
      colorTextPlaceholder: p.inkFaint,
      colorTextHeading: p.ink,
      colorBgLayout: p.paper,
      colorBgContainer: p.surface,
      colorBgElevated: p.surface,
      colorFillAlter: p.sunken,
      colorBorder: p.lineStrong,
      colorBorderSecondary: p.line,
      colorSplit: p.line,
      controlOutline: p.primarySoft,
      fontFamily: letters.sans,
      fontFamilyCode: letters.mono,
      fontSize: 14,
      borderRadius: 6,
      borderRadiusLG: 8,
      controlHeight: 34,
      lineHeight: 1.6,
      motion: !still,
    },
    components: componentTokens(mode),
  };
}

function componentTokens(mode: Mode): ThemeConfig['components'] {
  const p = palettes[mode];
  return {
    Button: { primaryColor: p.onPrimary, dangerColor: mode === 'dark' ? '#2a0503' : '#ffffff', primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500, colorLink: p.primary },
    Table: { headerBorderRadius: 0, headerBg: p.sunken, headerColor: p.inkSoft, headerSplitColor: 'transparent', rowHoverBg: p.sunken, bodySortBg: p.surface, headerSortActiveBg: p.sunken, headerSortHoverBg: p.line, rowSelectedBg: p.primarySoft, rowSelectedHoverBg: p.primarySoft, cellPaddingBlock: 10, cellPaddingBlockSM: 7, borderColor: p.line },
    Card: { headerFontSize: 15, bodyPadding: 20 },
    Tabs: { itemSelectedColor: p.primary, itemHoverColor: p.primary, itemColor: p.inkSoft, inkBarColor: p.primary, horizontalItemPadding: '10px 2px', horizontalItemGutter: 28 },
    Segmented: { itemSelectedBg: p.surface, itemSelectedColor: p.ink, itemColor: p.inkSoft, trackBg: p.sunken },
    Select: { optionSelectedBg: p.primarySoft, optionSelectedColor: p.ink },
    Menu: { itemSelectedBg: p.primarySoft, itemSelectedColor: p.ink },
    Tooltip: { colorBgSpotlight: mode === 'dark' ? '#2c3d46' : '#13242b', colorTextLightSolid: '#ffffff' },
    Tag: { defaultBg: p.sunken, defaultColor: p.inkSoft },
    Steps: { colorPrimary: p.primary },
    Modal: { titleFontSize: 17 },
    Timeline: { tailColor: p.line },
    Drawer: { colorBgElevated: p.surface },
    Form: { labelColor: p.inkSoft },
    Alert: { defaultPadding: '10px 14px' },
  };
}
