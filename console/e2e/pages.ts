// Every page of the console, for what must hold of all of them. Add yours.

export interface Known {
  name: string;
  path: string;
  /** Only with examples: a real bank need not have this customer. */
  example?: true;
}

export const pages: readonly Known[] = [
  { name: 'home', path: '/' },
  { name: 'customers', path: '/customers' },
  { name: 'customer', path: '/customers/10023', example: true },
  { name: 'customer-profile', path: '/customers/10023?part=profile', example: true },
  { name: 'customer-timeline', path: '/customers/10023?part=timeline', example: true },
  { name: 'customer-scores', path: '/customers/10023?part=scores', example: true },
  { name: 'customer-offers', path: '/customers/10023?part=offers&purpose=marketing', example: true },
  { name: 'customer-identity', path: '/customers/10023?part=identity', example: true },
  { name: 'segments', path: '/segments' },
  { name: 'segments-overlap', path: '/segments?beside=["gave_up_applying","big_senders","depositors"]', example: true },
  { name: 'segment', path: '/segments/gave_up_applying', example: true },
  { name: 'builder', path: '/segments/new' },
  {
    name: 'builder-filled',
    path: `/segments/new?purpose=marketing&where=${encodeURIComponent('{"all":[{"did":"apply_start","in_last_days":30},{"not":{"did":"apply_submit","in_last_days":30}},{"any":[{"trait":"balance_average_90d","at_least":"20000"},{"sequence":["login_failed","password_reset"],"within_days":1,"in_last_days":90},{"holds":"deposit","for_days":90}]}]}')}`,
    example: true,
  },
  { name: 'users', path: '/users' },
  { name: 'account', path: '/account' },
  { name: 'not-found', path: '/nowhere' },
];
