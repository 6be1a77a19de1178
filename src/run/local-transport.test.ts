import { expect, test } from 'vitest'
import type { FromWorker } from './messages.ts'
import { localTransport } from './local-transport.ts'
import { planOf } from './testing/scripted-transport.ts'

const order = {
  kind: 'prepare',
  runId: 'run-1',
  plan: planOf(),
  share: { index: 0, count: 1 },
  data: [],
  logLevel: 'info',
  spans: false,
} as const

const bundleOf = (code: string) => ({ code, sha256: '', scriptPath: '/shop.ts' })
const options = '{ iteration: async () => {} }'
const scenario = `{ kind: 'loadstone.scenario', name: 'shopper', options: ${options} }`

async function threads(count: number) {
  const links = await localTransport().connect(count)
  const said: FromWorker[] = []
  const lost: string[] = []
  const heard = (done: () => boolean) =>
    new Promise<void>(resolve => {
      const check = () => {
        if (done()) resolve()
      }
      for (const link of links) {
        link.onMessage(message => {
          said.push(message)
          check()
        })
        link.onLost(reason => {
          lost.push(reason)
          check()
        })
      }
    })
  return { links, said, lost, heard }
}

test('a thread loads a script and answers; closing it is no loss', async () => {
  const { links, said, lost, heard } = await threads(2)
  const all = heard(() => said.filter(({ kind }) => kind === 'ready').length === 2)
  const bundle = bundleOf(`export default ${scenario}`)
  for (const link of links) link.send({ ...order, bundle, share: { index: link.worker, count: 2 } })
  await all
  expect(said.map(({ worker }) => worker).sort()).toEqual([0, 1])
  await Promise.all(links.map(link => link.close()))
  expect(lost).toEqual([])
})

test('what a script prints arrives as log lines', async () => {
  const { links, said, heard } = await threads(1)
  const ready = heard(() => said.some(({ kind }) => kind === 'ready'))
  const code = `console.log('a %d', 1); console.error('b');\nexport default ${scenario}`
  links[0]?.send({ ...order, bundle: bundleOf(code) })
  await ready
  const lines = said.flatMap(one => (one.kind === 'log' ? [[one.level, one.message]] : []))
  expect(lines).toEqual([
    ['info', 'a 1'],
    ['warn', 'b'],
  ])
  await Promise.all(links.map(link => link.close()))
})

test('a thread that ends by itself is reported as lost', async () => {
  const { links, lost, heard } = await threads(1)
  const gone = heard(() => lost.length > 0)
  links[0]?.send({ ...order, bundle: bundleOf(`process.exit(7)`) })
  await gone
  expect(lost[0]).toMatch(/code 7/)
})

test('a script that cannot be loaded is said to have crashed the worker', async () => {
  const { links, said, heard } = await threads(1)
  const crashed = heard(() => said.some(({ kind }) => kind === 'crashed'))
  links[0]?.send({ ...order, bundle: bundleOf(`throw new Error('no tenant')`) })
  await crashed
  const last = said.at(-1)
  expect(last?.kind === 'crashed' && [last.blame, last.message]).toEqual([
    'script',
    expect.stringMatching(/^\/shop\.ts could not be loaded/),
  ])
  await Promise.all(links.map(link => link.close()))
})
