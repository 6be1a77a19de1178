import { describe, expect, test } from 'vitest'
import { comparison } from './comparison.bench.ts'
import { dashboard } from './dashboard.bench.ts'
import { hotPath } from './hot-path.bench.ts'
import { memory } from './memory.bench.ts'
import { againstPeers } from './peers.bench.ts'
import type { Bench } from './rig/bench.ts'
import { tableText } from './rig/table.ts'
import { startDelay } from './start-delay.bench.ts'
import { storing } from './store.bench.ts'
import { truth } from './truth.bench.ts'
import { workers } from './workers.bench.ts'

const benches: readonly Bench[] = [
  hotPath,
  workers,
  memory,
  startDelay,
  truth,
  comparison,
  dashboard,
  storing,
  againstPeers,
]

/**
 * In tiny form, and on a machine that does other things, the numbers mean nothing: none is judged.
 */
describe('every bench runs and measures something', () => {
  for (const bench of benches) {
    test(`${bench.name}`, async context => {
      const result = await bench.run({ tiny: true, say: () => undefined })
      if (result.kind === 'skipped') return context.skip(result.reason)
      expect(result.rows.length).toBeGreaterThan(0)
      const unmeasured = result.rows.filter(row => !Number.isFinite(row.measured))
      expect(unmeasured).toEqual([])
      const negative = result.rows.filter(row => row.reference !== undefined && row.reference <= 0)
      expect(negative).toEqual([])
      expect(tableText(result.rows).split('\n')).toHaveLength(result.rows.length + 1)
    })
  }
})
