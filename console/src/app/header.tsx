// The tools of the header: purpose and user.

import { KeyOutlined, LogoutOutlined, SafetyCertificateOutlined, UserOutlined } from '@ant-design/icons';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { App, Button, Dropdown, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Purpose, purposes, usePurpose } from './purpose';
import { signOut, useMe } from './session';

/** For which purpose everything on the screen is asked: it decides what one sees, so it is always in sight. */
export function PurposePicker() {
  const { t } = useTranslation('common');
  const me = useMe();
  const [purpose, choose] = usePurpose();
  const offered = purposes.filter((each) => me.purposes.includes(each) || each === purpose);
  return (
    <Select<Purpose>
      className="purpose"
      value={purpose}
      onChange={choose}
      aria-label={t('purpose.label')}
      prefix={<SafetyCertificateOutlined className="purpose-icon" aria-hidden />}
      popupMatchSelectWidth={300}
      placement="bottomRight"
      optionLabelProp="label"
      options={offered.map((each) => ({ value: each, label: t(`purpose.${each}`), disabled: !me.purposes.includes(each) }))}
      optionRender={({ value }) => <PurposeOption purpose={value as Purpose} />}
      popupRender={(menu) => (
        <>
          <p className="purpose-about">{t('purpose.about')}</p>
          {menu}
        </>
      )}
    />
  );
}

function PurposeOption({ purpose }: { purpose: Purpose }) {
  const { t } = useTranslation('common');
  return (
    <span className="purpose-option">
      <strong>{t(`purpose.${purpose}`)}</strong>
      <span>{t(`purposeAbout.${purpose}`)}</span>
    </span>
  );
}

export function UserMenu() {
  const { t } = useTranslation('common');
  const { message } = App.useApp();
  const me = useMe();
  const navigate = useNavigate();
  const router = useRouter();
  const leave = async () => {
    await signOut().catch((error: Error) => message.error(error.message));
    await navigate({ to: '/sign-in' });
  };
  const account = '/account' in router.routesByPath;
  const items = [
    { key: 'who', type: 'group' as const, label: <WhoAmI /> },
    ...(account ? [{ key: 'account', label: t('user.account'), icon: <KeyOutlined aria-hidden /> }] : []),
    { key: 'leave', label: t('user.leave'), icon: <LogoutOutlined aria-hidden /> },
  ];
  const onClick = ({ key }: { key: string }) => void (key === 'leave' ? leave() : navigate({ to: '/account' }));
  return (
    <Dropdown trigger={['click']} placement="bottomRight" menu={{ items, onClick }}>
      <Button type="text" className="tool" icon={<UserOutlined aria-hidden />} aria-label={t('user.label', { name: me.name })}>
        <span className="tool-label">{me.name}</span>
      </Button>
    </Dropdown>
  );
}

function WhoAmI() {
  const { t } = useTranslation('common');
  const me = useMe();
  return (
    <span className="who">
      <strong>{me.name}</strong>
      <span>{me.roles.map((role) => t(`role.${role}`)).join(t('comma'))}</span>
    </span>
  );
}
