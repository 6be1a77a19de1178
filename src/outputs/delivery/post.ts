import { messageOf } from '../../base/index.ts'

export interface PostOrder {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
}

/** 'later': the endpoint may take it when it is asked again. `why` never holds a secret of ours. */
export type PostResult =
  | { readonly kind: 'taken' }
  | { readonly kind: 'later'; readonly why: string; readonly afterUs: number | undefined }
  | { readonly kind: 'refused'; readonly why: string }

const longestWords = 200

/** Sends one body. Never rejects. */
export async function post({ url, headers, body, signal }: PostOrder): Promise<PostResult> {
  try {
    const init = { method: 'POST', headers, body, signal, redirect: 'manual' } as const
    const answer = await fetch(url, init)
    const words = await answer.text()
    if (answer.ok) return { kind: 'taken' }
    const why = `status ${answer.status}${said(words)}`
    if (answer.status !== 429 && answer.status < 500) return { kind: 'refused', why }
    return { kind: 'later', why, afterUs: retryAfterUs(answer.headers.get('retry-after')) }
  } catch (thrown) {
    return { kind: 'later', why: faultOf(thrown), afterUs: undefined }
  }
}

/** The first words of an answer, on one line. */
function said(words: string): string {
  const line = words.replace(/[^\x20-\x7e]+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(0, longestWords)}`
}

/** fetch says "fetch failed" and keeps the reason in the cause. */
function faultOf(thrown: unknown): string {
  const { cause } = thrown as { readonly cause?: unknown }
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  if (typeof code === 'string') return code
  return cause === undefined ? messageOf(thrown) : messageOf(cause)
}

function retryAfterUs(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) * 1e6 : undefined
}
