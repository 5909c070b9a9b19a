// The lineage as a graph: what a node rests on, what rests on it. Pure.

import type { Graph } from './queries';

/** All that is reached from `node` along the edges, or against them. */
export function reached(graph: Graph, node: string, way: 'up' | 'down'): Set<string> {
  const next = new Map<string, string[]>();
  for (const { from, to } of graph.edges) {
    const [near, far] = way === 'down' ? [from, to] : [to, from];
    next.set(near, [...(next.get(near) ?? []), far]);
  }
  const found = new Set<string>();
  const open = [node];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const each of next.get(at) ?? []) {
      if (found.has(each) || each === node) continue;
      found.add(each);
      open.push(each);
    }
  }
  return found;
}

/** The part of the graph around a node. */
export function around(graph: Graph, node: string | undefined): Graph {
  if (!node) return graph;
  const kept = new Set([node, ...reached(graph, node, 'up'), ...reached(graph, node, 'down')]);
  return { nodes: graph.nodes.filter(({ id }) => kept.has(id)), edges: graph.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)) };
}
