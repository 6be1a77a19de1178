import { describe, expect, test } from 'vitest'
import { benches } from './benches.ts'
import { tableText } from './rig/table.ts'

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
