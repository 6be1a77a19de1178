import type { Hono } from 'hono'
import { UsageError } from '../../base/index.ts'
import { refused } from '../access/access.ts'
import { compressedJson } from '../access/compression.ts'
import type { ComparisonPage } from '../api.ts'
import { comparisonPageOf } from '../pages/comparison-page.ts'
import { itemOf } from '../pages/run-page.ts'
import type { DashboardContext } from './context.ts'
import type { Turns } from './turns.ts'

/** Comparing takes seconds: one at a time, and none that nobody waits for any more. */
export function compareRoutes(app: Hono, context: DashboardContext, turns: Turns): void {
  app.get('/api/compare', async c => {
    const [base, candidate] = [c.req.query('base'), c.req.query('candidate')]
    if (base === undefined || candidate === undefined) {
      throw new UsageError('RUN_UNKNOWN', 'a comparison needs base=<run> and candidate=<run>')
    }
    if (turns.full) {
      return refused(c, 409, 'other comparisons are waiting already: try again in a moment')
    }
    const compared = (signal: AbortSignal) => comparisonOf(context, { base, candidate }, signal)
    return compressedJson(c, await turns.take(c.req.raw.signal, compared))
  })
}

async function comparisonOf(
  { store, compare }: DashboardContext,
  ids: { readonly base: string; readonly candidate: string },
  signal: AbortSignal,
): Promise<ComparisonPage> {
  if (store === undefined || compare === undefined) {
    throw new UsageError('RUN_UNKNOWN', 'runs are not stored here')
  }
  const [base, candidate] = await Promise.all([store.find(ids.base), store.find(ids.candidate)])
  const report = await compare({ base: base.id, candidate: candidate.id }, signal)
  return comparisonPageOf(report, { base: itemOf(base), candidate: itemOf(candidate) })
}
