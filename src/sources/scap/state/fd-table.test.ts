// The table against the simplest model: one Map a table, copied at each fork.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FdInfo } from './fd-info.ts';
import { FdTable } from './fd-table.ts';
import { Growth } from './growth.ts';
import { FdKind } from './types.ts';

const O_CLOEXEC = 1 << 12;

const fd = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(-3, 1023, 1024, 70_000));
const action = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), table: fc.nat(), fd, cloexec: fc.boolean() }),
  fc.record({ kind: fc.constant('delete' as const), table: fc.nat(), fd }),
  fc.record({ kind: fc.constant('rename' as const), table: fc.nat(), fd }),
  fc.record({ kind: fc.constantFrom('fork' as const, 'exec' as const), table: fc.nat() }),
);

interface Expected {
  name: string;
  readonly cloexec: boolean;
}

it('does what a map for each process would, forks and their order included', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const tables = [new FdTable(new Growth())];
      const models = [new Map<number, Expected>()];
      for (const [n, step] of actions.entries()) {
        const at = step.table % tables.length;
        const table = tables[at] as FdTable;
        const model = models[at] as Map<number, Expected>;
        switch (step.kind) {
          case 'set': {
            const info = new FdInfo(FdKind.fileV2, `/${n}`, `/${n}`);
            if (step.cloexec) info.openFlags = O_CLOEXEC;
            expect(table.set(step.fd, info)).toBe(true);
            model.set(step.fd, { name: `/${n}`, cloexec: step.cloexec });
            break;
          }
          case 'delete':
            table.delete(step.fd);
            model.delete(step.fd);
            break;
          case 'rename': {
            const own = table.writable(step.fd);
            const expected = model.get(step.fd);
            expect(own === undefined).toBe(expected === undefined);
            if (own !== undefined && expected !== undefined) {
              own.name = `/renamed/${n}`;
              model.set(step.fd, { ...expected, name: own.name });
            }
            break;
          }
          case 'fork':
            tables.push(table.fork());
            models.push(new Map(model));
            break;
          default:
            table.closeOnExec();
            for (const [number, { cloexec }] of model) if (cloexec) model.delete(number);
        }
      }
      for (const [at, table] of tables.entries()) {
        const model = models[at] as Map<number, Expected>;
        expect(table.entries().map(([number, { name }]) => [number, name])).toEqual(
          [...model].map(([number, { name }]) => [number, name]),
        );
        expect(table.size).toBe(model.size);
        for (const [number, { name }] of model) expect(table.get(number)?.name).toBe(name);
      }
    }),
    { numRuns: 500 },
  );
});

it('holds 4,096 descriptors', () => {
  const table = new FdTable(new Growth());
  for (let number = 0; number < 4096; number++) table.set(number, new FdInfo(FdKind.fifo));
  expect(table.set(4096, new FdInfo(FdKind.fifo))).toBe(false);
  expect(table.set(7, new FdInfo(FdKind.fifo))).toBe(true);
  expect(table.size).toBe(4096);
});
