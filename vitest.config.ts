import { defineConfig } from 'vitest/config'

/**
 * Four projects, one after the other: fast unit tests beside the code, every example,
 * whole-program stories (two at a time: they start programs and servers of their own), and those
 * that need a generator that nothing disturbs.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'web/**/*.test.ts',
            'demo/src/**/*.test.ts',
            'test/tidy.test.ts',
          ],
          exclude: ['dist/**', 'node_modules/**'],
          setupFiles: ['test/patient.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'examples',
          include: ['test/examples.test.ts'],
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'program',
          setupFiles: ['test/patient.ts'],
          include: ['test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [
            ...['test/tidy.test.ts', 'test/examples.test.ts', 'test/comparison.test.ts'],
            ...['node_modules/**', 'dist/**'],
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'alone',
          include: ['test/comparison.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
          maxWorkers: 1,
        },
      },
    ],
  },
})
