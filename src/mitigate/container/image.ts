// The image: without what was used from it. A Dockerfile hint from what ran, and the digest to pin.

import { checkDockerfile } from '../checks/dockerfile.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isNetworkTool, isPackageManager, isShell, programsSeen } from '../programs.ts';
import { refs } from '../references.ts';
import { isNodeComponent } from './workload.ts';

export function planImage(context: PlanContext): Draft | undefined {
  if (context.place !== 'container') return undefined;
  const programs = programsSeen(context).filter(
    ({ path }) => path === undefined || !/^\/(?:tmp|var\/tmp|dev\/shm)\//.test(path),
  );
  const names = [...new Set(programs.map(({ name }) => name))];
  const shell = names.some(isShell);
  const packages = names.some(isPackageManager);
  const tools = names.filter((name) => isNetworkTool(name));
  if (!shell && !packages && tools.length === 0) return undefined;
  const node = isNodeComponent(context);
  const image = context.workload.imageRepository ?? '';
  const content = `# Two stages: the first builds, the second holds the program and nothing else.
FROM <build-image> AS build
WORKDIR /src
COPY . .
RUN <build-command>

# No shell, no package manager, no download tool: ${names.filter((name) => /^[\w.+-]+$/.test(name)).join(', ')} would not be there.
FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /src/<program> /app/program
USER 65532:65532
ENTRYPOINT ["/app/program"]
`;
  return {
    id: 'container.image',
    family: 'container',
    phase: 'harden',
    title: node
      ? 'Build the images of other workloads without such tools'
      : 'Build the image without the tools that were used',
    why: node
      ? 'This agent of the node needs {0}{1}; an application does not, and a shell that is not there cannot be started.'
      : 'The container offered {0}{1}.',
    values: [names.join(', '), image === '' ? '' : ` (image ${image})`],
    factIds: context.facts('proc.exepath', 'proc.cmdline', 'container.image.repository'),
    artefacts: [{ kind: 'dockerfile', filename: 'Dockerfile', language: 'dockerfile', content }],
    rollout: `Build, test and scan it, then deploy it by digest (image@sha256:…). Until then kubectl debug with an ephemeral container replaces a shell in the image.${packages ? ' What is installed at run time belongs into the build.' : ''}`,
    effect:
      (node ? 'Nothing for this agent. Elsewhere: ' : '') +
      'kubectl exec and a web shell find no shell to start; what an attacker brings along is not affected, which readOnlyRootFilesystem is for.',
    breaks: 'Entrypoint scripts, exec probes and lifecycle hooks that need a shell; debugging habits.',
    rollback: 'Deploy the old digest.',
    references: refs('N4.1.2', 'M1042', 'D3-CIA', 'D3-EDL', '5.5.1'),
    effort: 'days',
    checks: [checkDockerfile(content)],
    unknowns: ['<build-image>', '<build-command>', '<program>'],
  };
}
