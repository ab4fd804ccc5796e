// The reader's manifests: read as YAML with comments and order kept, and the container in them that the alerts are
// about, found by namespace, owner, image and container name.

import { type Document, isMap, parseAllDocuments } from 'yaml';
import type { Workload } from '../../triage/index.ts';
import { containersOf, isJson, type Json, objectAt, podSpecOf, podSpecPath } from '../checks/pod-spec.ts';

export interface ManifestTarget {
  readonly file: string;
  /** The whole file, as given. */
  readonly text: string;
  /** Which of the file's documents. */
  readonly index: number;
  readonly object: Json;
  readonly podPath: readonly string[];
  /** The matched container's place: `containers` or `initContainers`, and its index. */
  readonly list: string;
  readonly position: number;
  readonly container: Json;
  /** What the match rests on, in words. */
  readonly matchedBy: readonly string[];
}

const MAX_FILE = 4 * 1024 * 1024;

/** The documents of a manifest file. Documents with errors are kept, so that positions stay, but are not looked into. */
export function readDocuments(text: string): Document.Parsed[] {
  if (text.length > MAX_FILE) return [];
  const documents = parseAllDocuments(text);
  return Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
}

/** The container that the alerts speak of, or undefined when no document matches by more than a guess. */
export function findTarget(
  manifests: readonly { readonly file: string; readonly text: string }[],
  workload: Workload,
): ManifestTarget | undefined {
  let best: { target: ManifestTarget; score: number } | undefined;
  for (const { file, text } of manifests) {
    for (const [index, document] of readDocuments(text).entries()) {
      if (document.errors.length > 0 || !isMap(document.contents)) continue;
      const object: unknown = document.toJS({ maxAliasCount: 100 });
      const spec = podSpecOf(object);
      const path = isJson(object) ? podSpecPath(object['kind']) : undefined;
      if (!isJson(object) || spec === undefined || path === undefined) continue;
      for (const list of ['containers', 'initContainers']) {
        for (const [position, container] of containersOf(spec, [list]).entries()) {
          const { score, by } = scoreOf(object, container, workload);
          if (score >= 2 && score > (best?.score ?? 0)) {
            best = {
              score,
              target: { file, text, index, object, podPath: path, list, position, container, matchedBy: by },
            };
          }
        }
      }
    }
  }
  return best?.target;
}

function scoreOf(object: Json, container: Json, workload: Workload): { score: number; by: string[] } {
  const metadata = objectAt(object, 'metadata');
  const by: string[] = [];
  let score = 0;
  if (workload.imageRepository !== undefined && typeof container['image'] === 'string') {
    if (repositoryOf(container['image']) !== repositoryOf(workload.imageRepository)) return { score: 0, by };
    score += 2;
    by.push('image');
  }
  const namespace = metadata['namespace'];
  if (workload.namespace !== undefined && typeof namespace === 'string') {
    if (namespace !== workload.namespace) return { score: 0, by };
    score += 1;
    by.push('namespace');
  }
  const name = metadata['name'];
  if (
    typeof name === 'string' &&
    (name === workload.owner?.name || name === workload.pod || workload.pod?.startsWith(`${name}-`))
  ) {
    score += 2;
    by.push('owner');
  }
  if (workload.containerName !== undefined && container['name'] === workload.containerName) {
    score += 1;
    by.push('container name');
  }
  return { score, by };
}

/** `nginx:1.27@sha256:…` → `docker.io/library/nginx`. */
export function repositoryOf(image: string): string {
  const bare = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const first = bare.split('/', 1)[0] as string;
  const registry = bare.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  if (registry) return bare.replace(/^index\.docker\.io\//, 'docker.io/');
  return bare.includes('/') ? `docker.io/${bare}` : `docker.io/library/${bare}`;
}
