// Conditions on columns as SQL text, and back. What people wrote by hand and cannot be read back stays text.

import type { ColumnType } from '@/api/catalogue';

export const tests = ['is', 'is_not', 'at_least', 'at_most', 'contains', 'missing', 'there'] as const;
export type TestName = (typeof tests)[number];

export interface Condition {
  column: string;
  test: TestName;
  values: string[];
}

export type TypeOf = (column: string) => ColumnType | undefined;

const RESERVED = new Set(['all', 'and', 'as', 'between', 'by', 'case', 'date', 'desc', 'from', 'group', 'in', 'is', 'like', 'limit', 'not', 'null', 'on', 'or', 'order', 'select', 'table', 'timestamp', 'to', 'user', 'when', 'where', 'with']);

export function quotedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function quotedText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A value as what its column is. What does not look like it is quoted: the server then says what is wrong with it. */
export function literal(value: string, type: ColumnType | undefined): string {
  if ((type === 'int' || type === 'decimal' || type === 'float') && /^-?\d+(\.\d+)?$/.test(value)) return value;
  if (type === 'bool' && /^(true|false)$/.test(value)) return value;
  if (type === 'date') return `date ${quotedText(value)}`;
  if (type === 'timestamp') return `timestamp ${quotedText(value)}`;
  return quotedText(value);
}

/** Conditions without a value that need one say nothing yet. */
export const isWhole = ({ column, test, values }: Condition) => column !== '' && (test === 'missing' || test === 'there' || values.length > 0);

export function sqlOf(conditions: readonly Condition[], typeOf: TypeOf = () => undefined): string {
  return conditions.filter(isWhole).map((each) => one(each, typeOf(each.column))).join(' and ');
}

function one({ column, test, values }: Condition, type: ColumnType | undefined): string {
  const name = quotedName(column);
  const written = values.map((value) => literal(value, type));
  const list = written.length === 1 ? undefined : `(${written.join(', ')})`;
  switch (test) {
    case 'is':
      return list ? `${name} in ${list}` : `${name} = ${written[0]}`;
    case 'is_not':
      return list ? `${name} not in ${list}` : `${name} <> ${written[0]}`;
    case 'at_least':
      return `${name} >= ${written[0]}`;
    case 'at_most':
      return `${name} <= ${written[0]}`;
    case 'contains':
      return `strpos(${name}, ${quotedText(values[0] ?? '')}) > 0`;
    case 'missing':
      return `${name} is null`;
    case 'there':
      return `${name} is not null`;
  }
}

const TOKEN = /\s*(?:("(?:[^"]|"")*")|('(?:[^']|'')*')|([A-Za-z_][A-Za-z0-9_]*)|(-?\d+(?:\.\d+)?)|(>=|<=|<>|!=|=|>|\(|\)|,))/y;

interface Token {
  kind: 'name' | 'word' | 'text' | 'number' | 'sign';
  value: string;
}

function tokens(sql: string): Token[] | undefined {
  const found: Token[] = [];
  const text = sql.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const [, name, quoted, word, number, sign] = match;
    if (name !== undefined) found.push({ kind: 'name', value: name.slice(1, -1).replaceAll('""', '"') });
    else if (quoted !== undefined) found.push({ kind: 'text', value: quoted.slice(1, -1).replaceAll("''", "'") });
    else if (word !== undefined) found.push({ kind: 'word', value: word });
    else if (number !== undefined) found.push({ kind: 'number', value: number });
    else found.push({ kind: 'sign', value: sign ?? '' });
  }
  return found;
}

/** The conditions of a text that `sqlOf` could have written; nothing for any other text. */
export function conditionsOf(sql: string): Condition[] | undefined {
  const list = tokens(sql);
  if (!list) return undefined;
  const reader = new Reader(list);
  const found: Condition[] = [];
  do {
    const condition = reader.condition();
    if (!condition) return undefined;
    found.push(condition);
  } while (reader.word('and'));
  return reader.atEnd ? found : undefined;
}

const SIGNS: Record<string, TestName> = { '=': 'is', '<>': 'is_not', '!=': 'is_not', '>=': 'at_least', '<=': 'at_most' };

class Reader {
  private at = 0;
  constructor(private readonly list: Token[]) {}

  get atEnd(): boolean {
    return this.at === this.list.length;
  }

  word(word: string): boolean {
    const next = this.list[this.at];
    const found = next?.kind === 'word' && next.value.toLowerCase() === word;
    if (found) this.at += 1;
    return found;
  }

  private sign(sign: string): boolean {
    const next = this.list[this.at];
    const found = next?.kind === 'sign' && next.value === sign;
    if (found) this.at += 1;
    return found;
  }

  private name(): string | undefined {
    const next = this.list[this.at];
    const plain = next?.kind === 'name' || (next?.kind === 'word' && !RESERVED.has(next.value.toLowerCase()));
    if (!next || !plain) return undefined;
    this.at += 1;
    return next.value;
  }

  private value(): string | undefined {
    if (!this.word('date')) this.word('timestamp');
    const next = this.list[this.at];
    const truth = next?.kind === 'word' && /^(true|false)$/i.test(next.value);
    if (!next || (next.kind !== 'text' && next.kind !== 'number' && !truth)) return undefined;
    this.at += 1;
    return truth ? next.value.toLowerCase() : next.value;
  }

  private values(): string[] | undefined {
    if (!this.sign('(')) return undefined;
    const found: string[] = [];
    do {
      const value = this.value();
      if (value === undefined) return undefined;
      found.push(value);
    } while (this.sign(','));
    return this.sign(')') ? found : undefined;
  }

  condition(): Condition | undefined {
    const next = this.list[this.at];
    if (next?.kind === 'word' && next.value.toLowerCase() === 'strpos') return this.contained();
    const column = this.name();
    if (column === undefined) return undefined;
    if (this.word('is')) return this.presence(column);
    const without = this.word('not');
    if (this.word('in')) {
      const values = this.values();
      return values && { column, test: without ? 'is_not' : 'is', values };
    }
    const sign = this.list[this.at];
    const test = sign?.kind === 'sign' && !without ? SIGNS[sign.value] : undefined;
    if (!test) return undefined;
    this.at += 1;
    const value = this.value();
    return value === undefined ? undefined : { column, test, values: [value] };
  }

  private presence(column: string): Condition | undefined {
    const there = this.word('not');
    return this.word('null') ? { column, test: there ? 'there' : 'missing', values: [] } : undefined;
  }

  private contained(): Condition | undefined {
    this.at += 1;
    if (!this.sign('(')) return undefined;
    const column = this.name();
    if (column === undefined || !this.sign(',')) return undefined;
    const value = this.value();
    if (value === undefined || !this.sign(')') || !this.sign('>') || this.value() !== '0') return undefined;
    return { column, test: 'contains', values: [value] };
  }
}
