// Every question is asked for a purpose, which decides the rows and columns one sees. It stands in the address, so that a
// link shows the same thing to whoever may see it; without one there, the reader's last choice or their role's own holds.

import { useNavigate, useSearch } from '@tanstack/react-router';
import type { components } from '@/api/schema';
import { readPreference, writePreference } from '@/theme/preferences';
import { useMe } from './session';

export type Purpose = components['schemas']['Purpose'];
export const purposes: readonly Purpose[] = ['service', 'analytics', 'marketing', 'risk', 'compliance'];

const ofRole: Record<string, Purpose> = {
  service_agent: 'service',
  marketer: 'marketing',
  risk_officer: 'risk',
  compliance_officer: 'compliance',
};

interface Reader {
  roles: readonly string[];
  purposes: readonly Purpose[];
}

/** The address wins also when the policies refuse it: the screen then says so, rather than show something else. */
export function purposeFor(inAddress: string | undefined, stored: string | null, reader: Reader): Purpose {
  const known = purposes.find((each) => each === inAddress);
  if (known) return known;
  const allowed = (name: string | null | undefined) => reader.purposes.find((each) => each === name);
  const byRole = reader.roles.map((role) => allowed(ofRole[role])).find((each) => each !== undefined);
  return allowed(stored) ?? byRole ?? allowed('analytics') ?? reader.purposes[0] ?? 'analytics';
}

export function usePurpose(): [Purpose, (purpose: Purpose) => void] {
  const { purpose: inAddress } = useSearch({ strict: false });
  const me = useMe();
  const navigate = useNavigate();
  const choose = (purpose: Purpose) => {
    writePreference('purpose', purpose);
    void navigate({ to: '.', search: (before) => ({ ...before, purpose }), replace: true });
  };
  return [purposeFor(inAddress, readPreference('purpose'), me), choose];
}
