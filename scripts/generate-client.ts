// Types of the API for the web UI, from the service's own OpenAPI document. Run after changing a route or a shape:
//   node scripts/generate-client.ts

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig, serve } from '../src/server/index.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A JSON Schema as a TypeScript type; what it cannot say is `unknown`. */
function typeOf(schema: Schema | undefined): string {
  if (schema === undefined) return 'unknown';
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) as string;
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return `readonly (${typeOf(schema.items)})[]`;
    case 'object': {
      if (schema.properties === undefined) {
        return `Readonly<Record<string, ${typeof schema.additionalProperties === 'object' ? typeOf(schema.additionalProperties) : 'unknown'}>>`;
      }
      const rows = Object.entries(schema.properties).map(
        ([name, value]) =>
          `readonly ${JSON.stringify(name)}${schema.required?.includes(name) ? '' : '?'}: ${typeOf(value)}`,
      );
      return `{ ${rows.join('; ')} }`;
    }
    default:
      return 'unknown';
  }
}

function inputOf({ parameters = [], requestBody }: Operation): string {
  const group = (place: string): string =>
    parameters
      .filter((one) => one.in === place)
      .map(
        (one) =>
          `${JSON.stringify(one.name)}${one.required ? '' : '?'}: ${typeOf(one.schema)}${one.required ? '' : ' | undefined'}`,
      )
      .join('; ');
  const params = group('path');
  const query = group('query');
  const body = requestBody?.content['application/json']?.schema;
  return `{ ${[params === '' ? '' : `params: { ${params} }`, query === '' ? '' : `query?: { ${query} }`, body === undefined ? '' : `body: ${typeOf(body)}`].filter((part) => part !== '').join('; ')} }`;
}

/** The generated module's text. */
export function clientTypes(document: Document): string {
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};`,
  );
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const answer = operation.responses['200']?.content?.['application/json']?.schema;
      return `  ${JSON.stringify(`${method.toUpperCase()} ${path}`)}: { input: ${inputOf(operation)}; output: ${typeOf(answer)} };`;
    }),
  );
  return `// Made by: node scripts/generate-client.ts\n\n${schemas.join('\n')}\n\nexport interface Operations {\n${operations.join('\n')}\n}\n`;
}

/** Starts the service on a free port with an empty store and reads its document. */
export async function readDocument(): Promise<Document> {
  const folder = mkdtempSync(join(tmpdir(), 'yarak-client-'));
  const { config } = readConfig({ environment: {}, flags: { listen: '127.0.0.1:0', data: folder } });
  if (config === undefined) throw new Error('the default configuration is not valid');
  const running = await serve({ config, environment: {}, log: pino({ level: 'silent' }) });
  try {
    return (await (await fetch(`http://127.0.0.1:${running.address.port}/openapi.json`)).json()) as Document;
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(import.meta.dirname, '../web/src/api.generated.ts'), clientTypes(await readDocument()));
}
