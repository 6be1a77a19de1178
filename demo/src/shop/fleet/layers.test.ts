import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultPolicy } from '../../proxy/defaults.ts'
import { Layers, policyOf, settingsOf, type ServiceLayer } from './layers.ts'

const at = { service: 'catalog', version: 'stable', replica: 1 }

test('a layer concerns the processes its target names, a later one wins', () => {
  const layers: ServiceLayer[] = [
    { target: { service: 'catalog' }, values: { cpuCores: 1, callRetries: 3 } },
    { target: { service: 'catalog', replica: 0 }, values: { cpuCores: 0.1 } },
    { target: { service: 'catalog', replica: 1 }, values: { cpuCores: 0.5 } },
    { target: { service: 'catalog', version: 'canary-v2' }, values: { callRetries: 9 } },
    { target: { service: 'cart' }, values: { callRetries: 8 } },
  ]
  expect(settingsOf(layers, at)).toEqual({ cpuCores: 0.5, callRetries: 3 })
  expect(settingsOf(layers, { ...at, replica: 2 })).toEqual({ cpuCores: 1, callRetries: 3 })
})

test('a proxy has a policy for its own service and one for each other', () => {
  const layers = [
    { proxy: 'cart', change: { inbound: { pendingMax: 1 } } },
    { proxy: 'cart', change: { outbound: { to: 'catalog', policy: { retriesMax: 5 } } } },
  ] as const
  expect(policyOf(defaultPolicy, layers, { proxy: 'cart' }).pendingMax).toBe(1)
  expect(policyOf(defaultPolicy, layers, { proxy: 'cart', to: 'catalog' }).retriesMax).toBe(5)
  expect(policyOf(defaultPolicy, layers, { proxy: 'cart', to: 'order' })).toEqual(defaultPolicy)
  expect(policyOf(defaultPolicy, layers, { proxy: 'order' })).toEqual(defaultPolicy)
})

test('layers taken away in any order leave what the others say', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer(), fc.boolean())), entries => {
      const layers = new Layers<number>()
      const added = entries.map(([value, stays]) => ({ value, stays, remove: layers.add(value) }))
      for (const { stays, remove } of added.toReversed()) if (!stays) remove()
      expect(layers.all()).toEqual(entries.filter(([, stays]) => stays).map(([value]) => value))
    }),
  )
})
