// Language and theme: on the sign-in page and in the header.

import { BulbOutlined, DesktopOutlined, GlobalOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '@/i18n';
import { type Choice, choices, useThemeChoice } from '@/theme/mode';
import { useLanguage } from '@/ui/values';

export function LanguageSwitch() {
  const { t } = useTranslation('common');
  const other = useLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <Button type="text" className="tool" icon={<GlobalOutlined aria-hidden />} onClick={() => chooseLanguage(other)} lang={other === 'zh' ? 'zh-CN' : 'en'} aria-label={t('otherLanguage.label')}>
      <span className="tool-label">{t('otherLanguage.name')}</span>
    </Button>
  );
}

const pictures: Record<Choice, ReactNode> = { light: <SunOutlined aria-hidden />, dark: <MoonOutlined aria-hidden />, system: <DesktopOutlined aria-hidden /> };

export function ThemeSwitch() {
  const { t } = useTranslation('common');
  const [choice, choose] = useThemeChoice();
  const items = choices.map((each) => ({ key: each, label: t(`theme.${each}`), icon: pictures[each] }));
  return (
    <Dropdown trigger={['click']} menu={{ items, selectable: true, selectedKeys: [choice], onClick: ({ key }) => choose(key as Choice) }}>
      <Button type="text" className="tool" icon={choice === 'system' ? <BulbOutlined aria-hidden /> : pictures[choice]} aria-label={t('theme.label')} />
    </Dropdown>
  );
}
