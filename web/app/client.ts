import { Framing } from '../../src/metrics/index.ts'
import type {
  Refusal,
  RunCommand,
  RunItem,
  RunPage,
  ServerInfo,
  StartOrder,
} from '../../src/server/api.ts'

/** Points that a chart is worth; a longer run comes in seconds that the server merged. */
const pointsMost = 900

/** A refusal in the server's own words. */
async function answered(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: 'same-origin', ...init })
  if (response.ok) return response
  const refusal = (await response.json().catch(() => undefined)) as Refusal | undefined
  throw new Error(refusal?.error ?? `the server answered ${response.status}`)
}

const json = async <T>(url: string): Promise<T> => (await (await answered(url)).json()) as T

const sent = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const runUrl = (id: string) => `api/runs/${encodeURIComponent(id)}`

export const readInfo = (): Promise<ServerInfo> => json('api/info')
export const readRuns = async (): Promise<readonly RunItem[]> =>
  (await json<{ runs: readonly RunItem[] }>('api/runs?limit=1000')).runs
export const readRun = (id: string): Promise<RunPage> => json(runUrl(id))
const compareUrl = (base: string, candidate: string): string =>
  `api/compare?base=${encodeURIComponent(base)}&candidate=${encodeURIComponent(candidate)}`
export const readComparison = <T>(base: string, candidate: string): Promise<T> =>
  json(compareUrl(base, candidate))
export const liveUrl = (id: string): string => `${runUrl(id)}/live`

export async function startRun(order: StartOrder): Promise<string> {
  const response = await answered('api/runs', sent('POST', order))
  return ((await response.json()) as { id: string }).id
}

export async function sendCommand(id: string, command: RunCommand): Promise<void> {
  await answered(`${runUrl(id)}/commands`, sent('POST', command))
}

export async function deleteRun(id: string): Promise<void> {
  await answered(runUrl(id), { method: 'DELETE' })
}

/** Merges so many seconds into one that a chart of a run this long has points enough. */
export const spanFor = (durationUs: number): number =>
  Math.max(1, Math.ceil(durationUs / 1e6 / pointsMost))

/** Hands the bytes of a run's seconds to `take`, as they arrive. */
export async function readSeconds(
  id: string,
  wanted: { readonly from: number; readonly to?: number; readonly span?: number },
  take: (seconds: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
  const query = new URLSearchParams({ from: String(wanted.from), span: String(wanted.span ?? 1) })
  if (wanted.to !== undefined) query.set('to', String(wanted.to))
  const response = await answered(`${runUrl(id)}/seconds?${query.toString()}`)
  // Chromium takes a body of no bytes that is read as a stream for an aborted request.
  if (response.body === null || response.headers.get('content-length') === '0') {
    await response.arrayBuffer()
    return
  }
  const framing = new Framing()
  for await (const chunk of response.body) await take(framing.push(chunk))
}
