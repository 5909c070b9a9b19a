// What is around every screen: navigation at the left (a drawer where it is narrow), the header, and the way past both.

import { MenuOutlined } from '@ant-design/icons';
import { Outlet } from '@tanstack/react-router';
import { Button, Drawer } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreference } from '@/theme/preferences';
import { Waiting } from '@/ui/async';
import { FinderButton } from './finder';
import { PurposePicker, UserMenu } from './header';
import { Rail } from './rail';
import { LanguageSwitch, ThemeSwitch } from './switches';
import './shell.css';

export function Shell() {
  const { t } = useTranslation('common');
  const [rail, setRail] = usePreference('rail');
  const folded = rail === 'folded';
  return (
    <div className={folded ? 'shell shell-folded' : 'shell'}>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <aside className="shell-rail">
        <Rail folded={folded} toggle={() => setRail(folded ? 'open' : 'folded')} />
      </aside>
      <div className="shell-body">
        <Header />
        <main id="main" tabIndex={-1}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  );
}

function Header() {
  return (
    <header className="shell-header">
      <DrawerButton />
      <FinderButton />
      <div className="shell-tools">
        <PurposePicker />
        <LanguageSwitch />
        <ThemeSwitch />
        <UserMenu />
      </div>
    </header>
  );
}

function DrawerButton() {
  const { t } = useTranslation('common');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button className="shell-menu" type="text" icon={<MenuOutlined aria-hidden />} aria-label={t('menu')} onClick={() => setOpen(true)} />
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={280} className="shell-drawer" closable={false} aria-label={t('navigation')}>
        <Rail folded={false} went={() => setOpen(false)} />
      </Drawer>
    </>
  );
}
