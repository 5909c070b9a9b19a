// What a reader asked in this browser. It never leaves it, each user has their own, and it can be cleared.

import { useState } from 'react';
import { useMe } from '@/app/session';

export interface Asked {
  sql: string;
  /** Milliseconds since 1970. */
  at: number;
}

const KEPT_MAX = 100;
const keyOf = (user: string) => `florin.sql.${user}`;

export function remember(known: readonly Asked[], asked: Asked): Asked[] {
  return [asked, ...known.filter((each) => each.sql !== asked.sql)].slice(0, KEPT_MAX);
}

function read(user: string): Asked[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(keyOf(user)) ?? '[]');
    return Array.isArray(list) ? list.filter((each): each is Asked => typeof each?.sql === 'string' && typeof each?.at === 'number') : [];
  } catch {
    return [];
  }
}

function write(user: string, list: Asked[]): void {
  try {
    localStorage.setItem(keyOf(user), JSON.stringify(list));
  } catch {
    // Storage may be forbidden or full: then there is no history.
  }
}

export function useHistory() {
  const { user } = useMe();
  const [list, setList] = useState(() => read(user));
  const put = (next: Asked[]) => {
    write(user, next);
    setList(next);
  };
  return { list, add: (sql: string) => put(remember(read(user), { sql, at: Date.now() })), clear: () => put([]) };
}
