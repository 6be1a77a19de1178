import type { Fault } from '../fault.ts'
import { FaultInputError, number } from '../parameters.ts'

export const noisyJob: Fault = {
  name: 'noisy-job',
  family: 'F18',
  about: 'a nightly report sorts whole tables, many at once, in the database that all share',
  symptom: 'queries of all services take many times as long, though they are no more than before',
  parameters: {
    concurrency: number('queries of the report that run at the same time', {
      ...{ default: 8, min: 1, max: 40, drawn: [8, 16] },
    }),
    comparedGoods: number('goods a query compares with all others: how long one runs', {
      ...{ default: 100, min: 1, max: 1_000, drawn: [100, 300] },
    }),
    databaseCores: number('CPU cores of the database, as its quota (Linux); 0: no quota', {
      ...{ default: 1, min: 0, max: 64, drawn: [0.5, 1], whole: false },
    }),
  },
  label: () => ({ service: 'nightly-report', pattern: 'P18', resource: 'postgres cpu' }),
  set: async (surface, { concurrency, comparedGoods, databaseCores }) => {
    const actor = await surface
      .startActor({
        name: 'noisy-job',
        module: new URL('../actors/noisy-job.ts', import.meta.url),
        args: { database: surface.database, concurrency, comparedGoods, databaseCores },
      })
      .catch((error: unknown) => {
        throw error instanceof Error ? new FaultInputError(error.message) : error
      })
    return () => actor.stop()
  },
}
