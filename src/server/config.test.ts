import { describe, expect, it } from 'vitest';
import { parseListen, readConfig } from './config.ts';

const read = (text: string, environment = {}, flags = {}) =>
  readConfig({ file: { name: 'yarak.yaml', text }, environment, flags });

describe('configuration', () => {
  it('has a default for everything', () => {
    const { config, diagnostics } = readConfig({ environment: {}, flags: {} });
    expect(diagnostics).toEqual([]);
    expect(config).toMatchObject({
      listen: '127.0.0.1:8765',
      data: 'yarak-data',
      ingest: { maxInFlight: 20_000 },
    });
  });

  it('lets the environment win over the file, and flags over both', () => {
    const file = 'listen: 127.0.0.1:1\ndata: a\nretention: {maxAge: 90d}\n';
    expect(
      read(file, { YARAK_DATA: 'b', YARAK_LISTEN: '127.0.0.1:2' }, { listen: '127.0.0.1:3' }).config,
    ).toMatchObject({
      listen: '127.0.0.1:3',
      data: 'b',
      retention: { maxAge: 90 * 86_400_000 },
    });
  });

  it('points at a misspelt key and names the right one', () => {
    const { config, diagnostics } = read('listen: 127.0.0.1:1\nretention:\n  maxAgee: 90d\n');
    expect(config).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      help: 'Did you mean `maxAge`?',
      at: { line: 3, column: 3 },
    });
  });

  it.each([
    ['listen: 8765', 1, /listen/],
    ['data: x\nretention: {maxAge: 3 fortnights}', 2, /number and a unit/],
    ['database: mysql://x', 1, /postgres/],
    ['data: [unclosed', 1, /./],
  ])('reports %j at its line', (text, line, message) => {
    const { diagnostics } = read(text);
    expect(diagnostics[0]?.at?.line).toBe(line);
    expect(diagnostics[0]?.message).toMatch(message);
  });

  it('survives a YAML bomb', () => {
    const levels = Array.from(
      { length: 20 },
      (_, i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i},*a${i},*a${i},*a${i},*a${i},*a${i},*a${i}]`,
    );
    expect(read(`a0: &a0 [x]\n${levels.join('\n')}`).diagnostics[0]?.code).toBe('CONFIG_YAML');
  });

  it('knows a loopback address', () => {
    expect(parseListen('127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80, loopback: true });
    expect(parseListen('[::1]:80').loopback).toBe(true);
    expect(parseListen('0.0.0.0:80').loopback).toBe(false);
  });
});
