// Two fields for another password: when a one-time password was used, and on the account's page.

import { Form, type FormInstance, Input } from 'antd';
import { useTranslation } from 'react-i18next';

/** As the server asks for it. */
const LENGTH_MIN = 12;

interface NewPasswordProps {
  /** It also has a field `password`: the one there is. */
  form: Pick<FormInstance, 'getFieldValue'>;
}

export function NewPassword({ form }: NewPasswordProps) {
  const { t } = useTranslation('sign-in');
  const typed = (field: string) => form.getFieldValue(field) as unknown;
  const same = async (_: unknown, value: string) => {
    if (value !== typed('new_password')) throw new Error(t('change.different'));
  };
  const other = async (_: unknown, value: string) => {
    if (value && value === typed('password')) throw new Error(t('change.sameAsOld'));
  };
  return (
    <>
      <Form.Item name="new_password" label={t('change.new')} extra={t('change.rule', { count: LENGTH_MIN })} rules={[{ required: true, min: LENGTH_MIN, message: t('change.tooShort', { count: LENGTH_MIN }) }, { validator: other }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="again" label={t('change.again')} dependencies={['new_password']} rules={[{ validator: same }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  );
}
