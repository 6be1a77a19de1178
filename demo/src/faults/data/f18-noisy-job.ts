import type { Fault } from '../fault.ts'
import { number } from '../parameters.ts'

export const noisyJob: Fault = {
  name: 'noisy-job',
  family: 'F18',
  about: 'a nightly report sorts and joins on the database that all services share',
  symptom: 'queries of all services take longer, though each gets no more requests than before',
  parameters: {
    concurrency: number('queries of the report that run at the same time', {
      ...{ default: 8, min: 1, max: 40, drawn: [4, 16] },
    }),
    comparedGoods: number('goods a query compares with all others: how long one runs', {
      ...{ default: 100, min: 1, max: 1_000, drawn: [50, 300] },
    }),
  },
  label: () => ({ service: 'nightly-report', pattern: 'P18', resource: 'postgres cpu' }),
  set: async (surface, { concurrency, comparedGoods }) => {
    const actor = await surface.startActor({
      name: 'noisy-job',
      module: new URL('../actors/noisy-job.ts', import.meta.url),
      args: { database: surface.database, concurrency, comparedGoods },
    })
    return () => actor.stop()
  },
}
