import { expect, test } from 'vitest'
import { parseOutput } from './output-target.ts'

test.each([
  ['prometheus=http://h:9090', 'http://h:9090/api/v1/write'],
  ['prometheus=https://h/push?tenant=1', 'https://h/push?tenant=1'],
  ['otlp=http://h:4318', 'http://h:4318/v1/metrics'],
  ['otlp-traces=http://h:4318/', 'http://h:4318/v1/traces'],
  ['otlp=http://h/otlp/v1/metrics', 'http://h/otlp/v1/metrics'],
])('%s sends to %s', (text, url) => {
  expect(parseOutput(text, '--out').url).toBe(url)
})

test('a password goes into a header and is shown nowhere', () => {
  const target = parseOutput('prometheus=http://me:s%3Acret@h:9090/w?key=k1', '--out')
  expect(target.authorization).toBe('Basic bWU6czpjcmV0')
  expect(target.url).toBe('http://h:9090/w?key=k1')
  expect(target.shown).toBe('prometheus=http://h:9090/w')
})

test('a percent sign that stands for itself stays in a password', () => {
  const { authorization = '' } = parseOutput('otlp=http://me:100%safe@h:4318', '--out')
  expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).toBe('me:100%safe')
})

test.each([
  ['influx=http://h', '--out: "influx" is none of otlp, otlp-traces, prometheus'],
  ['otlp', 'write e.g. --out otlp=http://127.0.0.1:4318'],
  ['prometheus=h:9090', 'write e.g. --out prometheus=http://127.0.0.1:9090'],
  ['otlp=http://user:pw@', 'needs an http:// or https:// URL'],
])('%s is refused: %s', (text, words) => {
  expect(() => parseOutput(text, '--out')).toThrow(words)
})
