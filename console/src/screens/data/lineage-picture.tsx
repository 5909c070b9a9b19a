// The picture of the lineage, in a chunk of its own: React Flow, laid out by dagre from left to right.

import { graphlib, layout as layOut } from '@dagrejs/dagre';
import { Background, Controls, type Edge, Handle, type Node as FlowNode, type NodeProps, Position, ReactFlow, useReactFlow } from '@xyflow/react';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMode } from '@/theme/mode';
import { palettes } from '@/theme/tokens';
import type { Graph } from './queries';
import '@xyflow/react/dist/style.css';

const SIZE = { width: 176, height: 36 };
const HEIGHT_PX = 560;
const BLOCK_ROWS = 17;
const BLOCK_GAP = 90;
const kindsInOrder: readonly Graph['nodes'][number]['kind'][] = ['source', 'table', 'trait', 'segment', 'model', 'offer'];

type Data = { name: string; kind: string; focused: boolean };
type GraphNode = FlowNode<Data, 'named'>;

interface PictureProps {
  graph: Graph;
  focus: string | undefined;
  choose: (id: string) => void;
}

export function LineagePicture({ graph, focus, choose }: PictureProps) {
  const { t } = useTranslation('data');
  const mode = useMode();
  const nodes = useMemo(() => laidOut(graph, focus), [graph, focus]);
  const edges = useMemo<Edge[]>(() => graph.edges.map(({ from, to }) => ({ id: `${from} ${to}`, source: from, target: to, style: { stroke: palettes[mode].lineStrong, strokeWidth: from === focus || to === focus ? 2 : 1, opacity: !focus ? 0.16 : from === focus || to === focus ? 0.85 : 0.45 }, focusable: false })), [graph, focus, mode]);
  return (
    <div className="lineage-picture" style={{ height: HEIGHT_PX }} role="group" aria-label={t('lineage.picture')}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={mode}
        fitView
        minZoom={0.08}
        nodesDraggable={false}
        nodesConnectable={false}
        onlyRenderVisibleElements={false}
        onNodeClick={(_, node) => choose(node.id)}
        onKeyDown={(event) => {
          const id = (event.target as HTMLElement).dataset.id;
          if (event.key === 'Enter' && id) choose(id);
        }}
        ariaLabelConfig={{ 'controls.ariaLabel': t('lineage.controls'), 'controls.zoomIn.ariaLabel': t('lineage.zoomIn'), 'controls.zoomOut.ariaLabel': t('lineage.zoomOut'), 'controls.fitView.ariaLabel': t('lineage.fit'), 'node.a11yDescription.default': t('lineage.nodeHelp') }}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
        <Fit key={focus ?? 'all'} />
      </ReactFlow>
    </div>
  );
}

/** Another graph is looked at whole. */
function Fit() {
  const { fitView } = useReactFlow();
  useEffect(() => {
    const timer = setTimeout(() => void fitView({ padding: 0.08, maxZoom: 1.1 }), 30);
    return () => clearTimeout(timer);
  }, [fitView]);
  return null;
}

function Named({ data }: NodeProps<GraphNode>) {
  return (
    <div className={`lineage-node lineage-${data.kind} ${data.focused ? 'focused' : ''}`}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span title={data.name}>{data.name}</span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const nodeTypes = { named: Named };

/** Everything at once: a block of columns for each kind, from sources to offers, so that it can be read. */
function inBlocks(graph: Graph): Map<string, { x: number; y: number }> {
  const places = new Map<string, { x: number; y: number }>();
  let x = 0;
  for (const kind of kindsInOrder) {
    const mine = graph.nodes.filter((node) => node.kind === kind);
    for (const [nth, node] of mine.entries()) places.set(node.id, { x: x + Math.floor(nth / BLOCK_ROWS) * (SIZE.width + 16), y: (nth % BLOCK_ROWS) * (SIZE.height + 12) });
    if (mine.length > 0) x += Math.ceil(mine.length / BLOCK_ROWS) * (SIZE.width + 16) + BLOCK_GAP;
  }
  return places;
}

function laidOut(graph: Graph, focus: string | undefined): GraphNode[] {
  const places = focus ? inRanks(graph) : inBlocks(graph);
  return graph.nodes.map((node) => ({ id: node.id, type: 'named', position: places.get(node.id) ?? { x: 0, y: 0 }, width: SIZE.width, height: SIZE.height, ariaLabel: node.name, data: { name: node.name, kind: node.kind, focused: node.id === focus } }));
}

function inRanks(graph: Graph): Map<string, { x: number; y: number }> {
  const layout = new graphlib.Graph().setGraph({ rankdir: 'LR', ranksep: 90, nodesep: 10 }).setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) layout.setNode(node.id, { ...SIZE });
  for (const edge of graph.edges) layout.setEdge(edge.from, edge.to);
  layOut(layout);
  return new Map(graph.nodes.map(({ id }) => {
    const { x, y } = layout.node(id);
    return [id, { x: x - SIZE.width / 2, y: y - SIZE.height / 2 }];
  }));
}
