// Conditions as a tree, in the very words of `segments/*.toml`: what is built here is what the server reads. Pure.

export type Literal = string | number | boolean;

export interface TraitNode {
  trait: string;
  is?: Literal | Literal[];
  is_not?: Literal | Literal[];
  at_least?: Literal;
  at_most?: Literal;
  more_than?: Literal;
  less_than?: Literal;
  missing?: boolean;
  measured?: boolean;
}

export interface DidNode {
  did?: string;
  did_not?: string;
  at_least_times?: number;
  at_most_times?: number;
  channel?: string;
  amount_at_least?: string;
  in_last_days?: number;
  in_last_hours?: number;
}

export interface SequenceNode {
  sequence: string[];
  within_days?: number;
  within_hours?: number;
  in_last_days?: number;
  in_last_hours?: number;
}

export interface HoldsNode {
  holds: string;
  for_days?: number;
}

export interface SegmentNode {
  segment: string;
  cluster?: number;
}

export type Leaf = TraitNode | DidNode | SequenceNode | HoldsNode | SegmentNode;
export type Group = { all: Node[] } | { any: Node[] };
export type Not = { not: Node };
export type Node = Leaf | Group | Not;

/** Which way down from the root: positions in groups. A `not` has no step of its own. */
export type Path = readonly number[];

export const kinds = ['did', 'sequence', 'trait', 'holds', 'segment', 'group'] as const;
export type Kind = (typeof kinds)[number];

export const EMPTY: Group = { all: [] };

/** How deep groups may stand in each other: more is no longer read by people. */
export const DEPTH_MAX = 4;
const STEPS_MIN = 2;

export function fresh(kind: Kind): Node {
  const made: Record<Kind, Node> = {
    did: { did: '', in_last_days: 30 },
    sequence: { sequence: ['', ''], within_days: 7, in_last_days: 90 },
    trait: { trait: '' },
    holds: { holds: '' },
    segment: { segment: '' },
    group: { any: [] },
  };
  return made[kind];
}

export const isGroup = (node: Node): node is Group => 'all' in node || 'any' in node;
export const isNot = (node: Node): node is Not => 'not' in node;
export const bare = (node: Node): Exclude<Node, Not> => (isNot(node) ? bare(node.not) : node);
export const itemsOf = (group: Group): Node[] => ('all' in group ? group.all : group.any);
export const withItems = (group: Group, items: Node[]): Group => ('all' in group ? { all: items } : { any: items });

/** Puts another node inside what may be a `not`. */
const within = (node: Node, inner: Node): Node => (isNot(node) ? { not: within(node.not, inner) } : inner);

/** The tree with the node at `path` changed; removed where `change` answers nothing. */
export function changed(root: Group, path: Path, change: (node: Node) => Node | undefined): Group {
  const result = changedNode(root, path, change);
  return result && isGroup(result) ? result : EMPTY;
}

function changedNode(node: Node, path: Path, change: (node: Node) => Node | undefined): Node | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return change(node);
  const inner = bare(node);
  if (!isGroup(inner)) return node;
  const items = itemsOf(inner).flatMap((item, nth) => {
    if (nth !== first) return [item];
    const next = changedNode(item, rest, change);
    return next ? [next] : [];
  });
  return within(node, withItems(inner, items));
}

export function added(root: Group, path: Path, node: Node): Group {
  return changed(root, path, (at) => {
    const group = bare(at);
    return isGroup(group) ? within(at, withItems(group, [...itemsOf(group), node])) : at;
  });
}

export const negated = (node: Node): Node => (isNot(node) ? node.not : { not: node });

/** Changes what a node says and keeps whether it is negated. */
export const inside = (node: Node, inner: Node): Node => within(node, inner);

/** What of the tree can be asked already: parts that are not filled in yet are left out. */
export function ready(node: Node): Node | undefined {
  if (isNot(node)) {
    const inner = ready(node.not);
    return inner && { not: inner };
  }
  if (isGroup(node)) {
    const items = itemsOf(node).flatMap((item) => ready(item) ?? []);
    return items.length > 0 ? withItems(node, items) : undefined;
  }
  return isFilled(node) ? node : undefined;
}

function isFilled(leaf: Leaf): boolean {
  if ('trait' in leaf) return leaf.trait !== '' && Object.entries(leaf).some(([key, value]) => key !== 'trait' && key !== 'measured' && isSaid(value));
  if ('sequence' in leaf) return leaf.sequence.length >= STEPS_MIN && leaf.sequence.every(Boolean);
  if ('holds' in leaf) return leaf.holds !== '';
  if ('segment' in leaf) return leaf.segment !== '';
  return Boolean(leaf.did || leaf.did_not);
}

const isSaid = (value: unknown) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

/** How many parts are not filled in yet. */
export function unfilled(node: Node): number {
  const inner = bare(node);
  if (isGroup(inner)) return itemsOf(inner).reduce((sum, item) => sum + unfilled(item), 0);
  return isFilled(inner) ? 0 : 1;
}

/** Reads a tree out of an address; nothing when it is none. */
export function readTree(raw: unknown): Group | undefined {
  const node = readNode(raw);
  return node && isGroup(node) ? node : undefined;
}

const leaves = ['trait', 'did', 'did_not', 'sequence', 'holds', 'segment'];

function readNode(raw: unknown): Node | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { all, any, not } = raw as { all?: unknown; any?: unknown; not?: unknown };
  if (Array.isArray(all)) return { all: all.flatMap((each) => readNode(each) ?? []) };
  if (Array.isArray(any)) return { any: any.flatMap((each) => readNode(each) ?? []) };
  if (not !== undefined) {
    const inner = readNode(not);
    return inner && { not: inner };
  }
  return leaves.some((key) => key in raw) ? (raw as Leaf) : undefined;
}
