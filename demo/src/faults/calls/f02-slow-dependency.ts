import { outdatedRulesTable } from '../../services/pricing/rules.ts'
import type { Fault, ParameterValues } from '../fault.ts'
import { number } from '../parameters.ts'
import type { FaultSurface, Restore } from '../surface.ts'
import { together } from '../together.ts'

const rules = number('rules that nobody needs', {
  ...{ default: 300_000, min: 1_000, max: 2_000_000, drawn: [100_000, 600_000] },
})

export const slowDependency: Fault = {
  name: 'slow-dependency',
  family: 'F02',
  about: 'pricing reads a table of rules that has grown large, without an index, for each request',
  symptom: 'everything that shows prices is slow, while no service is busy',
  parameters: { rules },
  label: () => ({ service: 'pricing', pattern: 'P02', resource: 'query of price_rules' }),
  set: (surface, values) => together(manyRules(surface, values)),
}

export const slowDarkDependency: Fault = {
  name: 'slow-dark-dependency',
  family: 'F02',
  about: 'pricing reads a large table for each request, and makes neither spans nor metrics',
  symptom: 'everything that shows prices is slow; the last that is seen are the calls to pricing',
  parameters: { rules },
  label: () => ({ service: 'pricing', pattern: 'P02', resource: 'unseen' }),
  set: (surface, values) =>
    together([
      ...manyRules(surface, values),
      () => surface.changeService({ service: 'pricing' }, { instrumented: false }),
    ]),
}

export const slowBank: Fault = {
  name: 'slow-bank',
  family: 'F02',
  about: 'the bank, which is not part of the shop, takes long over each charge',
  symptom: 'payments, orders and checkouts take that much longer; nothing in the shop is busy',
  parameters: {
    answerMs: number('how long it takes', {
      ...{ default: 500, min: 1, max: 60_000, drawn: [100, 1_500] },
    }),
  },
  label: () => {
    return { service: 'bank', pattern: 'P02', resource: 'external', edge: ['payment', 'bank'] }
  },
  set: (surface, { answerMs }) =>
    surface.changeService({ service: 'bank' }, { answerMs: Number(answerMs) }),
}

/** The rules are kept for two seconds otherwise: a slow query would be seen now and then only. */
function manyRules(surface: FaultSurface, { rules }: ParameterValues): (() => Promise<Restore>)[] {
  return [
    async () => {
      const actor = await surface.startActor({
        name: 'many-rules',
        module: new URL('../actors/many-rules.ts', import.meta.url),
        args: { database: surface.database, part: outdatedRulesTable, rules: Number(rules) },
      })
      return () => actor.stop()
    },
    () => surface.changeService({ service: 'pricing' }, { cacheTimeToLiveMs: 0 }),
  ]
}
