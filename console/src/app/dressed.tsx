// antd in our colours and the reader's language.

import { App, ConfigProvider } from 'antd';
import enGB from 'antd/locale/en_GB';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { type ReactNode, Suspense, useEffect } from 'react';
import { antdTheme } from '@/theme/antd';
import { useMode, useModeOnDocument, useStillness } from '@/theme/mode';
import { useLanguage } from '@/ui/values';

export function Dressed({ children }: { children: ReactNode }) {
  const language = useLanguage();
  const mode = useMode();
  const still = useStillness();
  useModeOnDocument(mode);
  useEffect(() => {
    dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  }, [language]);
  return (
    <ConfigProvider locale={language === 'zh' ? zhCN : enGB} theme={antdTheme(mode, still)} button={{ autoInsertSpace: false }}>
      <App>
        <Suspense>{children}</Suspense>
      </App>
    </ConfigProvider>
  );
}
