import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { emptyRun, failedRun, invalidRun } from '../testing/fixture.ts'
import { locustCsv } from './csv.ts'

type Row = Record<string, string>
const read = (text: string): Row[] => parse(text, { columns: true, record_delimiter: '\r\n' })
const fileOf = (files: ReturnType<typeof locustCsv>, suffix: string) =>
  files.find(file => file.suffix === suffix)?.text ?? ''

const percentileHeads = '50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%'

describe('locustCsv', () => {
  const files = locustCsv(failedRun)

  test('looks as the golden files', async () => {
    for (const { suffix, text } of files) {
      await expect(text).toMatchFileSnapshot(`../golden/locust${suffix}`)
    }
  })

  test("has exactly Locust's heads", () => {
    const heads = files.map(({ suffix, text }) => [suffix, text.split('\r\n')[0]])
    expect(heads).toEqual([
      [
        '_stats.csv',
        'Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,' +
          'Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,' +
          percentileHeads,
      ],
      ['_failures.csv', 'Method,Name,Error,Occurrences,First Seen,Last Seen'],
      ['_exceptions.csv', 'Count,Message,Traceback,Nodes'],
      [
        '_stats_history.csv',
        `Timestamp,User Count,Type,Name,Requests/s,Failures/s,${percentileHeads},` +
          'Total Request Count,Total Failure Count,Total Median Response Time,' +
          'Total Average Response Time,Total Min Response Time,Total Max Response Time,' +
          'Total Average Content Size',
      ],
    ])
  })

  test('a request is split into method and name; Aggregated counts exchanges only', () => {
    const rows = read(fileOf(files, '_stats.csv'))
    expect(rows.map(row => [row.Type, row.Name, row['Request Count']])).toEqual([
      ['GET', '/api/catalog/products', '4000'],
      ['GET', '/api/catalog/products/:id', '3000'],
      ['POST', '/api/orders', '600'],
      ['STEP', 'checkout', '560'],
      ['POLL', 'report ready', '21'],
      ['', 'Aggregated', '7600'],
    ])
    expect(rows.at(-1)).toMatchObject({ 'Failure Count': '140', '100%': '1250' })
    expect(rows[1]).toMatchObject({ 'Average Content Size': '700', 'Requests/s': '50' })
  })

  test('failures and exceptions tell where and when', () => {
    expect(read(fileOf(files, '_failures.csv'))[0]).toEqual({
      ...{ Method: 'GET', Name: '/api/catalog/products/:id', Error: 'status 404' },
      ...{ Occurrences: '100', 'First Seen': '2025-03-14T09:27:03.989Z' },
      'Last Seen': '2025-03-14T09:27:52.489Z',
    })
    const [exception] = read(fileOf(locustCsv(invalidRun), '_exceptions.csv'))
    expect(exception).toEqual({
      Count: '17',
      Message: "TypeError: Cannot read properties of undefined (reading 'id')",
      Traceback: 'admin admin.ts:12:9',
      Nodes: '',
    })
  })

  test('the history has a row a second, its totals start after the warm-up', () => {
    const rows = read(fileOf(files, '_stats_history.csv'))
    expect(rows.map(row => row['Requests/s'])).toEqual(['100', '120', '140', '160', '180', '200'])
    expect(rows.map(row => row['Total Request Count'])).toEqual(
      ['0', '0', '140', '300', '480', '680'], // 140 + 160 + 180 + 200
    )
    expect(rows[0]).toMatchObject({ 'Total Median Response Time': 'N/A', 'User Count': '10' })
    const every = read(fileOf(locustCsv(failedRun, { everyName: true }), '_stats_history.csv'))
    expect(every.length).toBe(12)
    expect(every[0]).toMatchObject({ Type: 'GET', Name: '/api/catalog/products' })
  })

  test('an empty run has N/A where nothing was measured', () => {
    const [row, total] = read(fileOf(locustCsv(emptyRun), '_stats.csv'))
    for (const one of [row, total]) {
      expect(one).toMatchObject({ 'Request Count': '0', '50%': 'N/A', 'Requests/s': 'N/A' })
    }
    expect(JSON.stringify(locustCsv(emptyRun))).not.toContain('NaN')
  })

  test('commas, quotes and line breaks survive', () => {
    const name = 'GET /a,"b"\nc'
    const series = [{ ...failedRun.series[0]!, name }]
    const [row] = read(fileOf(locustCsv({ ...failedRun, series }), '_stats.csv'))
    expect(row?.Name).toBe('/a,"b"\nc')
  })
})
