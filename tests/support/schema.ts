// JSON Schema validators for the report's data formats.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvDraft04 from 'ajv-draft-04';
import ajvFormats from 'ajv-formats';

const root = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
// Both packages are CommonJS with a `default` member.
const AjvDraft04 = ajvDraft04.default;
const addFormats = ajvFormats.default;

/** Validates a JSON text; the list of what is wrong, empty when all is well. */
export type Validator = (json: string) => string[];

function validatorOf(schema: object, draft: '2020' | '04'): Validator {
  // The SARIF schema holds a pattern that is no regular expression in Unicode mode.
  const options = { allErrors: true, strict: false, discriminator: true, unicodeRegExp: draft === '2020' };
  const ajv = draft === '2020' ? new Ajv2020(options) : new AjvDraft04({ ...options, discriminator: false });
  addFormats(ajv as Ajv2020);
  const validate = ajv.compile(schema);
  return (json) => {
    const valid = validate(JSON.parse(json));
    return valid
      ? []
      : (validate.errors ?? []).map(
          (error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
        );
  };
}

function load(path: string): object {
  return JSON.parse(readFileSync(path, 'utf8')) as object;
}

/** The documented schema of `--format json`. */
export const validateReport = validatorOf(load(resolve(root, 'src/report/json/report.schema.json')), '2020');

export const validateOcsf = validatorOf(
  load(resolve(root, 'tests/schemas/ocsf-1.9.0-detection-finding.schema.json')),
  '2020',
);

export const validateStix = validatorOf(
  load(resolve(root, 'tests/schemas/stix-2.1-bundle.schema.json')),
  '2020',
);

/** The schema that OASIS publishes, as @microsoft/jest-sarif ships it. */
export const validateSarif = validatorOf(
  load(
    resolve(require.resolve('@microsoft/jest-sarif/package.json'), '../lib/schemas/sarif-2.1.0-rtm.5.json'),
  ),
  '04',
);
