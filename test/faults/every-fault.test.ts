import { expect, test } from 'vitest'
import { faults } from '../../demo/src/faults/catalogue.ts'
import { useShop } from '../shop-faults.ts'

const shop = useShop({ SHOP_MESH: '1' })

/** It acts on a process outside the shop, which has to be named. */
const named = faults.filter(fault => fault.name !== 'weak-generator').map(fault => fault.name)

test('every fault can be set with parameters drawn at random, and be cleared', async () => {
  for (const name of named) {
    for (const seed of [1, 2]) {
      await shop.control('POST', '/faults', { name, random: true, seed })
      await shop.clearFault(name)
    }
  }
  expect((await shop.control('GET', '/faults'))['active']).toEqual([])
  const load = { clients: 2, ask: () => ({ line: 'GET /api/v1/products/sku-1001' }) }
  await shop.until(load, 20, answers => expect(answers.share(200)).toBe(1))
})

test('all faults may be set at once, over each other', async () => {
  for (const name of named) await shop.setFault(name)
  const { active } = (await shop.control('GET', '/faults')) as { readonly active: unknown[] }
  expect(active.length).toBe(named.length)
  await shop.clearAllFaults()
  const load = { clients: 2, ask: () => ({ line: 'GET /api/v1/products/sku-1001' }) }
  await shop.until(load, 20, answers => {
    expect(answers.share(200)).toBe(1)
    expect(Object.keys(answers.shares('x-upstream-version'))).toEqual(['stable'])
  })
})
