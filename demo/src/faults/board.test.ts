import { describe, expect, test } from 'vitest'
import { FaultBoard } from './board.ts'
import type { Fault } from './fault.ts'
import { FaultInputError, number } from './parameters.ts'
import type { FaultSurface } from './surface.ts'

/** What was done to the shop, in order; a fault is set by a change that is logged. */
function board(options: { readonly mesh?: boolean } = {}) {
  const log: string[] = []
  let nowUnixMs = 0
  const change = (what: string) => {
    log.push(`+${what}`)
    return Promise.resolve(() => {
      log.push(`-${what}`)
      return Promise.resolve()
    })
  }
  const fault = (name: string, set: Fault['set'], needs?: 'mesh'): Fault => ({
    ...{ name, family: 'F08', about: 'It is broken.', symptom: 'It fails.', set },
    parameters: { count: number('how many', { default: 3, min: 1, max: 9, drawn: [4, 6] }) },
    label: ({ count }) => ({ service: 'catalog', pattern: 'P08', resource: `pool ${count}` }),
    ...(needs && { needs }),
  })
  const faults = [
    fault('one', (_, { count }) => change(`one ${count}`)),
    fault('two', () => change('two')),
    fault('refused', () => Promise.reject(new Error('catalog: there is no setting x'))),
    fault('meshed', () => change('meshed'), 'mesh'),
    fault('stuck', () => Promise.resolve(() => Promise.reject(new Error('it does not end')))),
  ]
  const made = new FaultBoard({
    faults,
    // None of these faults looks at it.
    surface: {} as FaultSurface,
    mesh: options.mesh ?? false,
    nowUnixMs: () => (nowUnixMs += 1_000),
  })
  return { board: made, log }
}

describe('the board of faults', () => {
  test('sets a fault with its defaults, remembers when, and clears it', async () => {
    const { board: faults, log } = board()
    const set = await faults.set({ name: 'one' })
    expect(set).toEqual({
      ...{ id: 1, name: 'one', family: 'F08', parameters: { count: 3 } },
      label: { service: 'catalog', pattern: 'P08', resource: 'pool 3' },
      setAt: '1970-01-01T00:00:01.000Z',
    })
    expect(faults.active).toEqual([set])
    const cleared = await faults.clear('one')
    expect(cleared).toEqual({ ...set, clearedAt: '1970-01-01T00:00:02.000Z' })
    expect(faults.active).toEqual([])
    expect(faults.history).toEqual([cleared])
    expect(log).toEqual(['+one 3', '-one 3'])
  })

  test('refuses what is not known or wrong, and does nothing', async () => {
    const { board: faults, log } = board()
    const refusal = (order: Parameters<FaultBoard['set']>[0]) => expect(faults.set(order)).rejects
    await refusal({ name: 'three' }).toThrow(
      'there is no fault "three"; there are: one, two, refused, meshed, stuck',
    )
    await refusal({ name: 'one', parameters: { count: 10 } }).toThrow('count is 10')
    await refusal({ name: 'one', parameters: { counts: 1 } }).toThrow('no parameter counts')
    await refusal({ name: 'meshed' }).toThrow('meshed needs a shop that was started with --mesh')
    await refusal({ name: 'meshed' }).toThrow(FaultInputError)
    await expect(faults.clear('one')).rejects.toThrow('one is not set')
    await expect(faults.clear('three')).rejects.toThrow('there is no fault "three"')
    expect([faults.history, log]).toEqual([[], []])
  })

  test('sets a fault for a mesh where there is one', async () => {
    const { board: faults, log } = board({ mesh: true })
    await faults.set({ name: 'meshed' })
    expect(log).toEqual(['+meshed'])
  })

  test('a fault is set once only, until it is cleared', async () => {
    const { board: faults, log } = board()
    await faults.set({ name: 'one' })
    const again = faults.set({ name: 'one', parameters: { count: 5 } })
    await expect(again).rejects.toThrow('one is set already; clear it first')
    await faults.clear('one')
    await faults.set({ name: 'one', parameters: { count: 5 } })
    expect(log).toEqual(['+one 3', '-one 3', '+one 5'])
    expect(faults.active.map(entry => [entry.id, entry.parameters])).toEqual([[2, { count: 5 }]])
  })

  test('a fault that cannot be set leaves nothing, and does not hold up the next', async () => {
    const { board: faults, log } = board()
    const failing = faults.set({ name: 'refused' })
    const next = faults.set({ name: 'one' })
    await expect(failing).rejects.toThrow('catalog: there is no setting x')
    await next
    expect(faults.history.map(entry => entry.name)).toEqual(['one'])
    expect(log).toEqual(['+one 3'])
  })

  test('a fault that cannot be cleared stays set', async () => {
    const { board: faults } = board()
    await faults.set({ name: 'stuck' })
    await expect(faults.clear('stuck')).rejects.toThrow('it does not end')
    expect(faults.active.map(entry => entry.name)).toEqual(['stuck'])
  })

  test('clears all of them, the newest first', async () => {
    const { board: faults, log } = board()
    await faults.set({ name: 'two' })
    await faults.set({ name: 'one' })
    expect((await faults.clearAll()).map(entry => entry.name)).toEqual(['one', 'two'])
    expect(log).toEqual(['+two', '+one 3', '-one 3', '-two'])
    expect(await faults.clearAll()).toEqual([])
  })

  test('clears the others when one of them cannot be cleared', async () => {
    const { board: faults, log } = board()
    for (const name of ['one', 'stuck', 'two']) await faults.set({ name })
    await expect(faults.clearAll()).rejects.toThrow('it does not end')
    expect(log).toEqual(['+one 3', '+two', '-two', '-one 3'])
    expect(faults.active.map(entry => entry.name)).toEqual(['stuck'])
  })

  test('draws parameters with a seed that is remembered; what is given is not drawn', async () => {
    const { board: faults } = board()
    const first = await faults.set({ name: 'one', random: true, seed: 7 })
    await faults.clear('one')
    const second = await faults.set({ name: 'one', random: true, seed: 7 })
    expect(second.parameters).toEqual(first.parameters)
    expect([first.seed, second.seed]).toEqual([7, 7])
    expect(first.parameters['count']).toBeOneOf([4, 5, 6])
    await faults.clear('one')
    const chosen = await faults.set({ name: 'one', random: true, parameters: { count: 9 } })
    expect(chosen.parameters).toEqual({ count: 9 })
    expect(chosen.seed).toBeTypeOf('number')
    const drawnAgain = await faults.clear('one')
    expect(drawnAgain.seed).toBe(chosen.seed)
  })
})
