import { Framing } from '../../src/metrics/index.ts'
import type {
  Refusal,
  RunCommand,
  RunItem,
  RunPage,
  ServerInfo,
  StartOrder,
} from '../../src/server/api.ts'
import { wholeSpanOf } from '../data/zoom/stretch.ts'

/** From this size on an answer is read as it arrives. */
const streamedBytes = 1_000_000

/** A refusal in the server's own words. */
async function answered(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: 'same-origin', ...init }).catch(unreachable)
  if (response.ok) return response
  const refusal = (await response.json().catch(() => undefined)) as Refusal | undefined
  throw new Error(refusal?.error ?? `the server answered ${response.status}`)
}

/** fetch itself says no more than 'Failed to fetch'. */
function unreachable(cause: unknown): never {
  const words = 'The dashboard does not answer. Has the program that serves it ended?'
  throw new Error(words, { cause })
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
export const spanFor = (durationUs: number): number => wholeSpanOf(durationUs / 1e6)

/** Hands the bytes of a run's seconds to `take`, as they arrive. */
export async function readSeconds(
  id: string,
  wanted: { readonly from: number; readonly to?: number; readonly span?: number },
  take: (seconds: readonly Uint8Array[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({ from: String(wanted.from), span: String(wanted.span ?? 1) })
  if (wanted.to !== undefined) query.set('to', String(wanted.to))
  const url = `${runUrl(id)}/seconds?${query.toString()}`
  const response = await answered(url, signal ? { signal } : {})
  const framing = new Framing()
  // Chromium now and then takes a small body that is read as a stream for an aborted request.
  const bytes = Number(response.headers.get('content-length') ?? streamedBytes)
  if (response.body === null || bytes < streamedBytes) {
    return take(framing.push(new Uint8Array(await response.arrayBuffer())))
  }
  for await (const chunk of response.body) await take(framing.push(chunk))
}
