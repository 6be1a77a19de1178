import { afterAll, expect, test } from 'vitest'
import { faults } from '../../demo/src/faults/catalogue.ts'
import { useShop, type Load } from '../shop-faults.ts'

const shop = useShop({ SHOP_MESH: '1' })

const browse: Load = {
  clients: 4,
  ask: n => ({ line: `GET /products?limit=20&page=${1 + (n % 90)}` }),
}
/** One stable process of each service, and whatever proxies stand before them. */
const services = async () => {
  const all = (await shop.processes()).filter(one => one.kind === 'service')
  return all.map(({ name, version }) => `${name} ${version}`).sort()
}

/** One of the load generator's needs its process id: it has a test of its own. */
const ofTheShop = faults.filter(fault => !('pid' in fault.parameters))

// The seed is the fault's place in the catalogue: any other draws other parameters.
test.each(ofTheShop.map((fault, seed) => [fault.name, seed] as const))(
  '%s is set with drawn parameters, and nothing of it is left when it is cleared',
  async (name, seed) => {
    const before = await services()
    const entry = await shop.control('POST', '/faults', { name, random: true, seed })
    expect(entry).toMatchObject({ name, seed })
    const { active } = await shop.control('GET', '/faults')
    expect(active).toEqual([entry])
    await shop.clearFault(name)
    expect(await services()).toEqual(before)
    await shop.until(browse, 20, answers => expect(answers.share(200)).toBe(1))
  },
)

afterAll(async () => {
  const { active, history } = await shop.control('GET', '/faults')
  expect(active).toEqual([])
  expect(history).toHaveLength(ofTheShop.length)
})
