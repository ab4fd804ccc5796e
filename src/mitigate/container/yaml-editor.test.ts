import { describe, expect, it } from 'vitest';
import { type Path, YamlEditor } from './yaml-editor.ts';

const set = (text: string, path: Path, value: unknown): string => {
  const editor = new YamlEditor(text, 0);
  editor.set(path, value);
  return editor.text;
};
const remove = (text: string, path: Path): string => {
  const editor = new YamlEditor(text, 0);
  editor.delete(path);
  return editor.text;
};

describe('set', () => {
  it.each<[string, string, Path, unknown, string]>([
    ['a scalar, its comment kept', 'a: 1   # one\nb: 2\n', ['a'], 3, 'a: 3   # one\nb: 2\n'],
    ['a new key', 'a: 1\n', ['b'], true, 'a: 1\nb: true\n'],
    ['a new key without a line feed at the end', 'a: 1', ['b'], true, 'a: 1\nb: true\n'],
    [
      'a nested new key',
      'a:\n    x: 1\nb: 2\n',
      ['a', 'y', 'z'],
      'v',
      'a:\n    x: 1\n    y:\n      z: v\nb: 2\n',
    ],
    ['below a key without a value', 'a:\nb: 2\n', ['a', 'x'], 1, 'b: 2\na:\n  x: 1\n'],
    ['in a flow map', 'a: {x: 1}\n', ['a', 'y'], 2, 'a: { x: 1, y: 2 }\n'],
    ['in an empty flow map', 'a: {}\n', ['a', 'y'], 2, 'a: { y: 2 }\n'],
    [
      'a list item, not indented',
      'a:\n- x: 1\n# end\nb: 2\n',
      ['a', 1],
      { x: 2, y: 3 },
      'a:\n- x: 1\n- x: 2\n  y: 3\n# end\nb: 2\n',
    ],
    ['a list item, indented', 'a:\n  - x: 1\n', ['a', 1], { x: 2 }, 'a:\n  - x: 1\n  - x: 2\n'],
    [
      'behind a block scalar',
      'a:\n  x: |\n    text\nb: 1\n',
      ['a', 'y'],
      1,
      'a:\n  x: |\n    text\n  y: 1\nb: 1\n',
    ],
    ['a list for a scalar', 'a:\n  x: 1\n  y: 2\n', ['a', 'x'], ['ALL'], 'a:\n  y: 2\n  x:\n  - ALL\n'],
  ])('%s', (_name, text, path, value, expected) => {
    expect(set(text, path, value)).toBe(expected);
  });
});

describe('delete', () => {
  it.each<[string, string, Path, string]>([
    ['a key', 'a: 1\nb: 2 # two\nc: 3\n', ['b'], 'a: 1\nc: 3\n'],
    ['a key with what is below', 'a: 1\nb:\n  x: 1\n  y:\n    - 1\nc: 3\n', ['b'], 'a: 1\nc: 3\n'],
    ['a list item', 'a:\n- x: 1\n  y: 2\n- x: 3\n', ['a', 0], 'a:\n- x: 3\n'],
    ['the last list item with its key', 'a:\n- x: 1\nb: 2\n', ['a', 0], 'b: 2\n'],
    ['the first key of a list item', 'a:\n- x: 1\n  y: 2\n', ['a', 0, 'x'], 'a:\n- y: 2\n'],
    ['in a flow list', 'a: [1, 2]\n', ['a', 0], 'a: [ 2 ]\n'],
    ['nothing', 'a: 1\n', ['b'], 'a: 1\n'],
  ])('%s', (_name, text, path, expected) => {
    expect(remove(text, path)).toBe(expected);
  });
});

it('leaves the other documents alone', () => {
  const editor = new YamlEditor('--- # one\na:   1\n---\nb: 2\n...\n---\nc:   {x:   1}\n', 1);
  editor.set(['b'], 3);
  expect(editor.text).toBe('--- # one\na:   1\n---\nb: 3\n...\n---\nc:   {x:   1}\n');
});
