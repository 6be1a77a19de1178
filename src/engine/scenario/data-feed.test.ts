import { describe, expect, test } from 'vitest'
import type { AnyUser, DataPlan } from '../../plan/index.ts'
import type { LoadProfile } from '../../schedule/index.ts'
import { rateFor, startEngine, usersFor } from '../testing/fixture.ts'

const second = 1e6

const source = (part: Partial<DataPlan>): DataPlan => ({
  ...{ name: 'accounts', give: 'inOrder', per: 'iteration', columns: ['email', 'plan'] },
  ...{ rowCount: 3 },
  ...part,
})
const rows = [
  ['a@x', 'free'],
  ['b@x', 'paid'],
  ['c@x', 'free'],
]
const emailOf = (user: AnyUser) => (user.data['accounts'] as { email: string }).email

function startWith(plan: DataPlan, load: LoadProfile) {
  const given: [user: number, email: string][] = []
  const run = startEngine({
    data: [{ scenario: 'one', name: 'accounts', rows }],
    scenarios: [
      {
        ...{ load, data: [plan] },
        iteration: async user => {
          given.push([user.id, emailOf(user)])
          await user.think('1s')
        },
      },
    ],
  })
  return { run, given }
}

describe('data', () => {
  test('in order: round robin over the iterations', async () => {
    const { run, given } = startWith(source({}), usersFor(1, 5))
    await run.clock.advance(6 * second)
    expect(given.map(([, email]) => email)).toEqual(['a@x', 'b@x', 'c@x', 'a@x', 'b@x'])
    expect(run.end.value).toEqual({ exhausted: [] })
  })

  test('per user: a user keeps its row', async () => {
    const { run, given } = startWith(source({ per: 'user' }), usersFor(2, 2))
    await run.clock.advance(3 * second)
    expect(given).toEqual([
      [0, 'a@x'],
      [1, 'b@x'],
      [0, 'a@x'],
      [1, 'b@x'],
    ])
  })

  test('unique rows per iteration run out: a declared end under any profile', async () => {
    for (const load of [usersFor(2, 60), rateFor(2, 60)]) {
      const { run, given } = startWith(source({ give: 'unique' }), load)
      await run.clock.advance(10 * second)
      expect(given.map(([, email]) => email)).toEqual(['a@x', 'b@x', 'c@x'])
      expect(run.end.value).toEqual({ exhausted: ['one/accounts'] })
      expect(run.totals()).toMatchObject({ started: 3, completed: 3 })
    }
  })

  test('unique rows per user run out when one more user would start', async () => {
    const { run, given } = startWith(source({ give: 'unique', per: 'user' }), {
      kind: 'users',
      segments: [{ fromUsers: 0, toUsers: 10, durationUs: 10 * second }],
    })
    await run.clock.advance(20 * second)
    expect(new Set(given.map(([user, email]) => `${user} ${email}`))).toEqual(
      new Set(['0 a@x', '1 b@x', '2 c@x']),
    )
    expect(run.end.value).toEqual({ exhausted: ['one/accounts'] })
  })

  test('under a rate the users in reserve do not use the rows up', async () => {
    const run = startEngine({
      data: [{ scenario: 'one', name: 'accounts', rows }],
      scenarios: [
        {
          ...{ load: rateFor(3, 10), data: [source({ give: 'unique', per: 'user' })] },
          onStart: user => user.think('10ms'),
          iteration: user => user.think('900ms'),
        },
      ],
    })
    await run.clock.advance(12 * second)
    expect(run.totals()).toMatchObject({ started: 30, completed: 30, drops: {} })
    expect(run.end.value).toEqual({ exhausted: [] })
  })

  test('exactly enough unique rows is no exhaustion', async () => {
    const { run } = startWith(source({ give: 'unique' }), {
      ...{ kind: 'iterations', iterations: 3, users: 2, maxDurationUs: 60 * second },
    })
    await run.clock.advance(5 * second)
    expect(run.end.value).toEqual({ exhausted: [] })
  })

  test('random: drawn with the seed of the user, every row in the end', async () => {
    const drawOf = async () => {
      const { run, given } = startWith(source({ give: 'random' }), usersFor(1, 60))
      await run.clock.advance(60 * second)
      return given.map(([, email]) => email)
    }
    const first = await drawOf()
    expect(new Set(first).size).toBe(3)
    expect(await drawOf()).toEqual(first)
  })

  test('running out ends its own scenario only', async () => {
    const run = startEngine({
      data: [{ scenario: 'one', name: 'accounts', rows }],
      scenarios: [
        { load: usersFor(1, 10), data: [source({ give: 'unique' })] },
        { name: 'other', load: usersFor(1, 10), iteration: user => user.think('1s') },
      ],
    })
    await run.clock.advance(12 * second)
    expect(run.totals('other').completed).toBe(10)
    expect(run.end.value).toEqual({ exhausted: ['one/accounts'] })
  })
})
