import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import packageFile from '../../../../package.json' with { type: 'json' }
import { ScriptError } from '../script-errors.ts'
import {
  headerName,
  headerValue,
  lineValue,
  ownLines,
  withLine,
  withoutLine,
} from './head-lines.ts'

describe('head lines', () => {
  test('every request says its host and what it takes', () => {
    expect(ownLines('shop:8080')).toBe(
      `\r\nhost: shop:8080\r\nuser-agent: loadstone/${packageFile.version}\r\naccept: */*` +
        '\r\naccept-encoding: gzip, deflate, br, zstd',
    )
  })

  const name = fc.stringMatching(/^[a-z][a-z-]{0,6}$/)
  const value = fc.stringMatching(/^[ -~]{0,10}$/)

  test('setting and deleting lines does what a Map does', () => {
    const change = fc.record({ name, value: fc.option(value) })
    fc.assert(
      fc.property(fc.array(change), name, (changes, asked) => {
        let lines = ''
        const model = new Map<string, string>()
        for (const { name, value } of changes) {
          lines = value === null ? withoutLine(lines, name) : withLine(lines, name, value)
          model.delete(name)
          if (value !== null) model.set(name, value)
        }
        expect(lines).toBe([...model].map(([name, value]) => `\r\n${name}: ${value}`).join(''))
        expect(lineValue(lines, asked)).toBe(model.get(asked))
      }),
    )
  })

  test.each(['a\r\nb: c', 'a\nb', 'a\0', 'emoji 🎈'])('refuses the value %j', text => {
    expect(() => headerValue('x-a', text)).toThrow(ScriptError)
  })

  test('takes numbers as text, and names a value that is none', () => {
    expect(headerValue('x-a', 7)).toBe('7')
    expect(() => headerValue('authorization', undefined)).toThrow(
      'header authorization is undefined; it must be a text',
    )
  })

  test.each(['', 'a b', 'a:', 'ü', 'a\r\n'])('refuses the name %j', text => {
    expect(() => headerName(text)).toThrow(ScriptError)
  })

  test('the framing of a body is not for scripts to set', () => {
    expect(() => headerName('Transfer-Encoding')).toThrow('is set by Loadstone')
  })
})
