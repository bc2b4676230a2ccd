/** Which validators wait for which others, as declared. Pure. */

export interface Dependent {
  name: string;
  dependsOn: readonly string[];
}

export type GraphProblem =
  /** The first one stands again at the end. */
  | { kind: 'cycle'; path: readonly string[] }
  | { kind: 'unknown'; name: string; missing: string }
  | { kind: 'twice'; name: string };

/** What each waits for, in declared order. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export type Ordered =
  /** Those of one level may run side by side, once those of the levels before have ended. */
  { ok: true; graph: Graph; levels: readonly (readonly string[])[] } | { ok: false; problems: GraphProblem[] };

/** @returns every problem at once. Without one link of each cycle that is named no cycle is left. */
export function orderOf(validators: readonly Dependent[]): Ordered {
  const graph: Graph = new Map(validators.map(({ name, dependsOn }) => [name, [...new Set(dependsOn)]]));
  const problems = [...repeatedIn(validators), ...unknownIn(graph), ...cyclesIn(graph)];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, graph, levels: levelsOf(graph) };
}

function repeatedIn(validators: readonly Dependent[]): GraphProblem[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name } of validators) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated].map((name) => ({ kind: 'twice', name }));
}

function unknownIn(graph: Graph): GraphProblem[] {
  return [...graph].flatMap(([name, wanted]) =>
    wanted.filter((other) => !graph.has(other)).map((missing): GraphProblem => ({ kind: 'unknown', name, missing })),
  );
}

/** Depth first: each link back into the trail closes a cycle, and without those links there is none. */
function cyclesIn(graph: Graph): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (name: string): void => {
    const at = trail.indexOf(name);
    if (at >= 0) problems.push({ kind: 'cycle', path: [...trail.slice(at), name] });
    if (at >= 0 || done.has(name)) return;
    trail.push(name);
    for (const other of graph.get(name) ?? []) visit(other);
    trail.pop();
    done.add(name);
  };
  for (const name of graph.keys()) visit(name);
  return problems;
}

function levelsOf(graph: Graph): string[][] {
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const depth = depths.get(name) ?? Math.max(0, ...(graph.get(name) ?? []).map((other) => depthOf(other) + 1));
    depths.set(name, depth);
    return depth;
  };
  const levels: string[][] = [];
  for (const name of graph.keys()) {
    const depth = depthOf(name);
    levels[depth] = [...(levels[depth] ?? []), name];
  }
  return levels;
}
