import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, goodEnds, measureScript, runScript, startTarget } from './program.ts'

const long = `{ users: 2, duration: '60s' }`

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', signal => {
  test('while the script is loaded ends at once with 105', async () => {
    const before = `console.log('loading'); await new Promise(() => {})`
    const run = runScript({ target: 'http://127.0.0.1:9', before })
    await run.saw('loading')
    run.child.kill(signal)
    expect((await run.ended).code).toBe(105)
  })

  test('during setup lets it finish, makes no load and tears down', async () => {
    const { url, counts } = await startTarget()
    const plan = `
      async setup({ http, log }) {
        log.info('in setup')
        await new Promise(r => setTimeout(r, 300))
        await http.get('/made')
      },
      async teardown({ http }) { await http.get('/deleted') },`
    const run = measureScript({ target: url, load: long, plan })
    await run.saw('in setup')
    run.child.kill(signal)
    const { code, summary } = await run.measured
    expect([code, summary.run.endState]).toEqual([105, 'aborted'])
    expect(Object.fromEntries(counts.byPath)).toEqual({ '/made': 1, '/deleted': 1 })
  })

  test('during the run lets iterations finish, runs onStop and keeps every request', async () => {
    const { url, counts } = await startTarget()
    const more = `async onStop(user) { await user.http.get('/bye') },`
    const run = measureScript({ target: url, load: long, more })
    await run.saw('0:01')
    run.child.kill(signal)
    const { code, summary } = await run.measured
    expect([code, summary.run.endState]).toEqual([105, 'aborted'])
    expect(summary.totals.requests).toBe(counts.total)
    expect(counts.byPath.get('/bye')).toBe(2)
  })

  test('twice cuts off what hangs', async () => {
    const { url } = await startTarget(() => {})
    const run = measureScript({ target: url, load: long, iteration: `await user.http.get('/')` })
    await run.saw('0:01')
    run.child.kill(signal)
    await run.saw('stopping')
    run.child.kill(signal)
    const { code, summary } = await run.measured
    expect(code).toBe(105)
    expect(summary.run.endReason).toContain('outside')
  })

  test('during teardown does not take the result away', async () => {
    const { url } = await startTarget()
    const plan = `async teardown({ log }) {
      log.info('in teardown')
      await new Promise(r => setTimeout(r, 300))
    },`
    const run = measureScript({ target: url, plan })
    await run.saw('in teardown')
    run.child.kill(signal)
    const { code, summary } = await run.measured
    expect(summary.run.endState).toBe('finished')
    expect(code).not.toBe(105)
  })
})

test('files of every kind are written after an interrupted run', async () => {
  const { url } = await startTarget()
  const { path } = folder()
  const inFolder = (name: string) => join(path, name)
  const flags = [
    ...['--csv', inFolder('all'), '--junit', inFolder('all.xml')],
    ...['--markdown', inFolder('all.md'), '--hdr', inFolder('all')],
  ]
  const run = measureScript({ target: url, load: long }, flags)
  await run.saw('0:01')
  run.child.kill('SIGINT')
  expect((await run.measured).code).toBe(105)
  const csv = ['all_stats.csv', 'all_failures.csv', 'all_exceptions.csv', 'all_stats_history.csv']
  for (const name of [...csv, 'all.xml', 'all.md', 'all.hgrm', 'all.hlog']) {
    expect(readFileSync(inFolder(name), 'utf8'), name).not.toBe('')
  }
})

test('a signal while files are written changes neither the files nor the exit code', async () => {
  const { url } = await startTarget()
  // Writing to a pipe waits for its reader: a moment long enough to hit.
  const pipe = join(folder().path, 'page.md')
  execFileSync('mkfifo', [pipe])
  const run = measureScript({ target: url }, ['--markdown', pipe])
  await run.saw('Latency in ms')
  run.child.kill('SIGINT')
  expect(readFileSync(pipe, 'utf8')).toContain('GET /')
  const { code, summary } = await run.measured
  expect(goodEnds).toContain(code)
  expect(summary.run.endState).toBe('finished')
})
