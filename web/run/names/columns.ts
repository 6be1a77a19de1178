import { formatBytes } from '../../../src/base/index.ts'
import { formatCount, formatMs, formatNumber, formatRatio } from '../../../src/report/index.ts'
import type { NameTotal } from '../../data/name-totals.ts'

/** What a column needs beside the row. */
export interface Measured {
  readonly seconds: number
}

export interface Column {
  readonly id: string
  readonly label: string
  /** Spoken and shown on hover where the label is short. */
  readonly title?: string
  readonly value: (row: NameTotal, measured: Measured) => number
  readonly shown: (value: number) => string
  /** Of failures: stands out when it is not 0. */
  readonly bad?: boolean
}

const time = (id: string, valueOf: (row: NameTotal) => number): Column => ({
  ...{ id, label: id, title: `${id}, ms` },
  value: row => valueOf(row),
  shown: formatMs,
})

const percentile = (percent: number): Column =>
  time(`p${percent}`, ({ times }) => times.percentileUs(percent))

const count = (value: number): string => (value === 0 ? '0' : formatCount(value))

/** Numbers of a name, in the order of the table. The name itself comes before them. */
export const columns: readonly Column[] = [
  { id: 'count', label: 'Requests', value: row => row.count, shown: count },
  {
    ...{ id: 'rate', label: '/s', title: 'per second' },
    value: (row, { seconds }) => row.count / seconds,
    shown: formatNumber,
  },
  {
    ...{ id: 'failed', label: 'Failed', title: 'share that failed', bad: true },
    value: row => (row.count === 0 ? 0 : row.failures / row.count),
    shown: formatRatio,
  },
  { id: '4xx', label: '4xx', value: row => row.kinds.client, shown: count, bad: true },
  { id: '5xx', label: '5xx', value: row => row.kinds.server, shown: count, bad: true },
  {
    ...{ id: 'none', label: 'None', title: 'no answer', bad: true },
    value: row => row.kinds.none,
    shown: count,
  },
  time('min', ({ times }) => times.minUs),
  percentile(50),
  percentile(75),
  percentile(90),
  percentile(95),
  percentile(99),
  time('max', ({ times }) => times.maxUs),
  { id: 'bytes', label: 'Received', value: row => row.bytesIn, shown: formatBytes },
]
