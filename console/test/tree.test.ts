// Conditions of a segment, changed place by place.

import { describe, expect, test } from 'vitest';
import { added, changed, type Group, negated, readTree, ready, unfilled } from '../src/screens/segments/builder/tree';

const tree: Group = { all: [{ did: 'login' }, { not: { any: [{ holds: 'loan' }, { segment: '' }] } }] };

describe('a tree of conditions', () => {
  test('gets another condition in a group, also in one that is negated', () => {
    expect(added(tree, [1], { holds: 'fund' })).toEqual({ all: [{ did: 'login' }, { not: { any: [{ holds: 'loan' }, { segment: '' }, { holds: 'fund' }] } }] });
  });

  test('loses the condition at a place and no other', () => {
    expect(changed(tree, [1, 0], () => undefined)).toEqual({ all: [{ did: 'login' }, { not: { any: [{ segment: '' }] } }] });
  });

  test('is what it was when a condition is negated twice', () => {
    expect(changed(changed(tree, [1], negated), [1], negated)).toEqual(tree);
  });

  test('asks only for what is filled in', () => {
    expect(ready(tree)).toEqual({ all: [{ did: 'login' }, { not: { any: [{ holds: 'loan' }] } }] });
    expect(unfilled(tree)).toBe(1);
  });

  test.each([
    [{ all: [] }],
    [{ all: [{ any: [] }, { not: { all: [] } }] }],
    [{ all: [{ trait: 'age' }] }],
    [{ all: [{ sequence: ['login', ''] }] }],
  ] as [Group][])('has nothing to ask: %j', (empty) => {
    expect(ready(empty)).toBeUndefined();
  });

  test('is read from an address, without what is no condition', () => {
    expect(readTree({ all: [{ did: 'login' }, { nonsense: 1 }, 7, { not: { holds: 'loan' } }] })).toEqual({ all: [{ did: 'login' }, { not: { holds: 'loan' } }] });
    expect(readTree('x')).toBeUndefined();
    expect(readTree({ did: 'login' })).toBeUndefined();
  });
});
