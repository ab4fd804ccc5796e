// Makes the VS Code extension: bundles client and server into editors/vscode/dist/ and packs them as a .vsix, which
// `code --install-extension` takes. The package is a ZIP whose parts are those of Visual Studio's extension format
// (Open Packaging Conventions): [Content_Types].xml, extension.vsixmanifest and extension/.
//   node scripts/build-vscode.ts [FOLDER]     the .vsix goes there; editors/vscode/dist/ if it is not given

import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { build } from 'vite';
import { htmlAttribute, htmlText } from '../src/base/escape/html.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'editors/vscode');
const dist = join(folder, 'dist');

/** The parts of the extension's package.json that its package tells. */
interface Manifest {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  readonly publisher: string;
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly engines: { readonly vscode: string };
}

/** What goes into the package, from the extension's folder. */
const PACKED = [
  'package.json',
  'README.md',
  'language-configuration.json',
  'syntaxes/*.json',
  'dist/*.{cjs,mjs,md}',
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.cjs': 'application/javascript',
  '.mjs': 'application/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.vsixmanifest': 'text/xml',
};

async function bundle(entry: string, output: string, format: 'cjs' | 'es'): Promise<void> {
  await build({
    configFile: false,
    root: folder,
    logLevel: 'warn',
    ssr: { target: 'node', noExternal: true },
    build: {
      ssr: join(folder, 'src', entry),
      outDir: dist,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'node22',
      minify: true,
      rolldownOptions: {
        external: ['vscode', /^node:/],
        output: { format, entryFileNames: output, codeSplitting: false },
      },
    },
  });
}

/** The list of what the package holds, in VSIX's words. */
export function vsixManifest(manifest: Manifest): string {
  const { name, displayName, description, version, publisher, categories, keywords, engines } = manifest;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${htmlAttribute(name)}" Version="${htmlAttribute(version)}" Publisher="${htmlAttribute(publisher)}"/>
    <DisplayName>${htmlText(displayName)}</DisplayName>
    <Description xml:space="preserve">${htmlText(description)}</Description>
    <Tags>${htmlText(keywords.join(','))}</Tags>
    <Categories>${htmlText(categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${htmlAttribute(engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
    <License>extension/LICENSE</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

function contentTypes(names: readonly string[]): string {
  const extensions = new Set(names.map((name) => extname(name)).filter((one) => one !== ''));
  const rows = [...extensions].sort().map((one) => {
    const type = CONTENT_TYPES[one];
    if (type === undefined) throw new Error(`no content type for ${one} files`);
    return `  <Default Extension="${one}" ContentType="${type}"/>\n`;
  });
  // A file without an extension is named in full.
  const plain = names.filter((name) => extname(name) === '');
  const overrides = plain.map((name) => `  <Override PartName="/${name}" ContentType="text/plain"/>\n`);
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${rows.join('')}${overrides.join('')}</Types>
`;
}

/** Bundles and packs; gives the path of the .vsix. The same sources give the same bytes. */
export async function buildVscode(target: string): Promise<string> {
  rmSync(dist, { recursive: true, force: true });
  await bundle('extension.ts', 'extension.cjs', 'cjs');
  await bundle('server.ts', 'server.mjs', 'es');
  cpSync(join(root, 'docs/diagnostics.md'), join(dist, 'diagnostics.md'));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const names = PACKED.flatMap((pattern) => globSync(pattern, { cwd: folder })).sort();
  const packed: Zippable = Object.fromEntries(
    names.map((name) => [`extension/${name}`, readFileSync(join(folder, name))]),
  );
  packed['extension/LICENSE'] = readFileSync(join(root, 'LICENSE'));
  const text = (content: string) => new TextEncoder().encode(content);
  const files: Zippable = {
    'extension.vsixmanifest': text(vsixManifest(manifest)),
    '[Content_Types].xml': text(contentTypes(['extension.vsixmanifest', ...Object.keys(packed)])),
    ...packed,
  };
  const path = join(target, `${manifest.name}-${manifest.version}.vsix`);
  mkdirSync(target, { recursive: true });
  // Without a time of its own, every build would be another file.
  writeFileSync(path, zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) }));
  return path;
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${await buildVscode(resolve(process.argv[2] ?? dist))}\n`);
}
