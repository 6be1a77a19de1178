import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Origin } from '../../../protocols/index.ts'
import { ScriptError } from '../script-errors.ts'
import { Series } from '../series.ts'
import { Template, templateParts } from './template.ts'

const origin: Origin = {
  ...{ scheme: 'http', host: 'shop', port: 80, key: 'http://shop', socketPath: undefined },
}

function templateOf(text: string, method = 'GET', basePath = ''): Template {
  const parts = templateParts(text)
  const series = () => new Series(undefined, 'shop', `${method} ${parts.name}`)
  return new Template({ method, parts, origin, own: true, basePath, lines: '', series })
}

describe('templateParts', () => {
  test.each([
    ['/a/:id', ['id']],
    ['/:a/:b/c', ['a', 'b']],
    ['/a/:from-:to', ['from']],
    ['/files/:name.json', ['name']],
    ['/a:b/c', []],
    ['/a/:id?x=/:y', ['id']],
    ['http://host:8080/a/:id', ['id']],
    ['http://host:8080', []],
    ['https://[::1]:8443/:id', ['id']],
    ['/a/:', []],
  ])('finds the params of %s, as the types do', (text, names) => {
    expect(templateParts(text).paramNames).toEqual(names)
  })

  test.each([
    ['/a?token=secret#part', '/a'],
    ['https://bucket.example/key?X-Amz-Signature=1', 'https://bucket.example/key'],
    ['/a/:id', '/a/:id'],
  ])('names %s without what differs from request to request', (text, name) => {
    expect(templateParts(text).name).toBe(name)
  })

  test.each(['products', '', '?a=1', 'ftp://host/a', 'http:/host'])(
    'refuses %j, which is neither a path nor a URL',
    text => {
      expect(() => templateParts(text)).toThrow(ScriptError)
    },
  )

  test('says what to write instead', () => {
    expect(() => templateParts('products')).toThrow(
      `"products" is neither a path nor a URL: write '/path' for the scenario's target, ` +
        `or 'http://host/path'`,
    )
  })
})

describe('Template', () => {
  test('fills params and query, encoded', () => {
    const template = templateOf('/a/:id/b')
    expect(template.fill({ id: 'x/y z' }, { q: 'a&b', n: 7, on: true })).toBe(
      '/a/x%2Fy%20z/b?q=a%26b&n=7&on=true',
    )
  })

  test('a list in the query repeats its name, undefined is left out', () => {
    expect(templateOf('/a').fill(undefined, { tag: ['x', 'y'], none: undefined })).toBe(
      '/a?tag=x&tag=y',
    )
    expect(templateOf('/a').fill(undefined, { none: undefined })).toBe('/a')
  })

  test('a query in the template comes before the query option', () => {
    expect(templateOf('/a?x=1').fill(undefined, { y: 2 })).toBe('/a?x=1&y=2')
    expect(templateOf('/a?x=1').target).toBe('/a?x=1')
  })

  test('the base path of the target comes first', () => {
    const template = templateOf('/a/:id', 'GET', '/base')
    expect(template.fill({ id: 1 }, undefined)).toBe('/base/a/1')
  })

  test('a missing param is named together with the series', () => {
    const template = templateOf('/a/:id')
    expect(() => template.fill({}, undefined)).toThrow('GET /a/:id: params.id is missing')
    expect(() => template.fill(undefined, undefined)).toThrow(ScriptError)
    expect(() => template.fill({ id: {} }, undefined)).toThrow('params.id is a object')
  })

  test('what may not stand in a request line is encoded, what is encoded already is kept', () => {
    expect(templateOf('/a b/ü/%20\r\nx').target).toBe('/a%20b/%C3%BC/%20%0D%0Ax')
  })

  test('an absolute URL without a path asks for /', () => {
    expect(templateOf('http://host').target).toBe('/')
  })

  const segment = fc.string({ minLength: 1, unit: 'grapheme' }).filter(text => !/^\.+$/.test(text))
  const query = fc.dictionary(
    fc.string({ minLength: 1, unit: 'grapheme' }).filter(name => name !== '__proto__'),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' }))),
  )

  test('a URL parser gets back the values that went in, whatever they are', () => {
    const template = templateOf('/a/:one/b/:two')
    fc.assert(
      fc.property(segment, segment, query, (one, two, values) => {
        const url = new URL(template.fill({ one, two }, values), 'http://shop')
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'a', one, 'b', two])
        const sent = Object.entries(values).flatMap(([name, value]) =>
          [value].flat().map(text => [name, text]),
        )
        expect([...url.searchParams]).toEqual(sent)
      }),
    )
  })

  test('no value can end the request line', () => {
    const template = templateOf('/a/:id')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (id, value) => {
        expect(template.fill({ id }, { value })).toMatch(/^[\x21-\x7e]*$/)
      }),
      { numRuns: 50 },
    )
  })
})
