import { expect, test } from 'vitest'
import { together } from './together.ts'

function recorder() {
  const log: string[] = []
  const change = (name: string) => async () => {
    log.push(`set ${name}`)
    return async () => void log.push(`undo ${name}`)
  }
  return { log, change }
}

test('changes are undone in the opposite order, once', async () => {
  const { log, change } = recorder()
  const undo = await together([change('a'), change('b')])
  await undo()
  await undo()
  expect(log).toEqual(['set a', 'set b', 'undo b', 'undo a'])
})

test('a change that cannot be made undoes those before it', async () => {
  const { log, change } = recorder()
  const failing = together([change('a'), () => Promise.reject(new Error('refused')), change('c')])
  await expect(failing).rejects.toThrow('refused')
  expect(log).toEqual(['set a', 'undo a'])
})

test('what cannot be undone does not keep the others from being undone', async () => {
  const { log, change } = recorder()
  const stuck = () => Promise.resolve(() => Promise.reject(new Error('it does not end')))
  const undo = await together([change('a'), stuck, change('b')])
  await expect(undo()).rejects.toThrow('it does not end')
  expect(log).toEqual(['set a', 'set b', 'undo b', 'undo a'])
})
