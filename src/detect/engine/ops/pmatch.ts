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
  return (value) => {
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
  };
}
