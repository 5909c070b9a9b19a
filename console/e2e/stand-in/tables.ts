// Tables of the made-up bank, as far as the flows need them.

import type { Schemas } from './route';

type Column = Schemas['ColumnFacts'];

const column = (name: string, type: Schemas['ColumnType'], about = '', masked = false): Column => ({ name, type, class: masked ? 'identifying' : 'C2', masked, about });

export const tables: Schemas['TableFacts'][] = [
  { name: 'event', about: 'something done in a channel', of_customers: true, columns: [column('event_id', 'int'), column('customer_id', 'int'), column('anonymous_id', 'text', '', true), column('ts', 'timestamp'), column('name', 'text'), column('channel', 'text'), column('session_id', 'text'), column('device', 'text'), column('amount', 'decimal')] },
  { name: 'transaction', about: 'money moved', of_customers: true, columns: [column('transaction_id', 'int'), column('customer_id', 'int'), column('ts', 'timestamp', 'when it was booked'), column('amount', 'decimal', 'never negative'), column('direction', 'text', 'in or out'), column('kind', 'text'), column('channel', 'text')] },
];
