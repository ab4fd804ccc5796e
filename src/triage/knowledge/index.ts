export { type CompiledKnowledge, compilePacks } from './compile.ts';
export { loadKnowledge, packFiles, shippedKnowledge } from './load.ts';
export { type ReadPack, readPack } from './pack.ts';
export type {
  Behaviour,
  BenignCause,
  Condition,
  Knowledge,
  PlaybookTemplate,
  QuestionTemplate,
} from './types.ts';
