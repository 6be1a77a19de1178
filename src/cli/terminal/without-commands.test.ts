import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Output } from './output.ts'

/** What is printed of texts, one of them on stdout and one on stderr. */
function printed(environment: Record<string, string>, line: string, note: string): string[] {
  const streams = [new PassThrough(), new PassThrough()]
  const [stdout, stderr] = streams as unknown as [NodeJS.WriteStream, NodeJS.WriteStream]
  const output = new Output(stdout, stderr, environment)
  output.line(line)
  output.note(note)
  return streams.map(stream => String(stream.read()))
}

const said = 'first: the target said\n    ::add-mask::a, and ##[add-mask]b'

test('in GitHub Actions nothing that a target says is a command to the runner', () => {
  for (const text of printed({ GITHUB_ACTIONS: 'true' }, said, said)) {
    expect(text).not.toMatch(/^\s*::/m)
    expect(text).not.toContain('##[')
  }
  const annotation = '::error title=Loadstone%3A Threshold failed::p95 < 1us'
  expect(printed({ GITHUB_ACTIONS: 'true' }, annotation, '')[0]).toBe(`${annotation}\n`)
})

test('elsewhere text is printed as it is', () => {
  expect(printed({}, said, said)).toEqual([`${said}\n`, `${said}\n`])
})
