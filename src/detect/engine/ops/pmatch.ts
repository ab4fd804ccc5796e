// `pmatch`: is some path of the list a prefix of the value, component by component? A trie, so the cost depends on
// the value's depth and not on the list's length. Components with `? * [` are globs.

import { compileFnmatch } from './fnmatch.ts';

interface TrieNode {
  /** A path of the list ends here: everything below matches. */
  ends: boolean;
  readonly exact: Map<string, TrieNode>;
  readonly globs: {
    readonly text: string;
    readonly match: (part: string) => boolean;
    readonly node: TrieNode;
  }[];
}

function newNode(): TrieNode {
  return { ends: false, exact: new Map(), globs: [] };
}

function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function child(node: TrieNode, part: string): TrieNode {
  if (/[?*[]/.test(part)) {
    let glob = node.globs.find((g) => g.text === part);
    if (glob === undefined) {
      glob = { text: part, match: compileFnmatch(part), node: newNode() };
      node.globs.push(glob);
    }
    return glob.node;
  }
  let next = node.exact.get(part);
  if (next === undefined) {
    next = newNode();
    node.exact.set(part, next);
  }
  return next;
}

/** Compiles the list; `/` (and an empty path) is a prefix of everything. */
export function compilePmatch(paths: readonly string[]): (value: string) => boolean {
  const root = newNode();
  for (const path of paths) {
    let node = root;
    for (const part of components(path)) node = child(node, part);
    node.ends = true;
  }
  const hasGlobs = paths.some((path) => /[?*[]/.test(path));
  return hasGlobs ? (value) => matchNodes(root, value) : (value) => matchExact(root, value);
}

/** Without globs there is one way down; nothing is allocated but the components. */
function matchExact(root: TrieNode, value: string): boolean {
  let node: TrieNode | undefined = root;
  if (node.ends) return true;
  for (let from = 0; from < value.length; ) {
    let to = value.indexOf('/', from);
    if (to < 0) to = value.length;
    if (to > from) {
      node = node.exact.get(value.slice(from, to));
      if (node === undefined) return false;
      if (node.ends) return true;
    }
    from = to + 1;
  }
  return false;
}

function matchNodes(root: TrieNode, value: string): boolean {
  if (root.ends) return true;
  // All nodes that the components so far lead to; more than one only where globs overlap.
  let nodes: TrieNode[] = [root];
  for (const part of components(value)) {
    const next: TrieNode[] = [];
    for (const node of nodes) {
      const exact = node.exact.get(part);
      if (exact !== undefined) next.push(exact);
      for (const glob of node.globs) if (glob.match(part)) next.push(glob.node);
    }
    if (next.some((node) => node.ends)) return true;
    if (next.length === 0) return false;
    nodes = next;
  }
  return false;
}
