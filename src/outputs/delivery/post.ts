import { hiddenSecret, isSecretName, messageOf } from '../../base/index.ts'

export interface PostOrder {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
  /** Statuses after which the same body may be sent again. */
  readonly triesAgain: (status: number) => boolean
}

/** 'later': the endpoint may take it when it is asked again. `why` never holds a secret of ours. */
export type PostResult =
  | { readonly kind: 'taken'; readonly answer: Uint8Array }
  | { readonly kind: 'later'; readonly why: string; readonly afterUs: number | undefined }
  | { readonly kind: 'refused'; readonly why: string }

/** "Not now", and nothing said about the body: all that OTLP allows to send again. */
export const notNow = (status: number) => [429, 502, 503, 504].includes(status)
/** Remote write sends again after any fault of the server. */
export const notNowOrBroken = (status: number) => status === 429 || status >= 500

const openHeaders = /^(content-|user-agent$|x-prometheus-)/
/** What is shorter is a part of too many words. */
const secretLettersMin = 4
const longestWords = 200
/** An answer is read up to here; whoever says more is not listened to. */
const answerBytesMax = 16 * 1024

/** Sends one body. Never rejects. */
export async function post(order: PostOrder): Promise<PostResult> {
  const { url, headers, body, signal, triesAgain } = order
  const shown = (words: string) => oneLine(withoutSecrets(words, order))
  try {
    const init = { method: 'POST', headers, body, signal, redirect: 'manual' } as const
    const response = await fetch(url, init)
    const { ok, status } = response
    const answer = await firstBytes(response)
    if (ok) return { kind: 'taken', answer }
    const words = shown(new TextDecoder().decode(answer))
    const why = `status ${status}${words === '' ? '' : `: ${words}`}`
    if (!triesAgain(status)) return { kind: 'refused', why }
    return { kind: 'later', why, afterUs: retryAfterUs(response.headers.get('retry-after')) }
  } catch (thrown) {
    return { kind: 'later', why: shown(faultOf(thrown)), afterUs: undefined }
  }
}

async function firstBytes({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= answerBytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, answerBytesMax)
}

/**
 * An endpoint that refuses a credential likes to repeat it. Any header may be one that is not ours:
 * many services have their own name for it.
 */
function withoutSecrets(words: string, { url, headers }: PostOrder): string {
  const given = Object.entries(headers).filter(([name]) => !openHeaders.test(name))
  const inAddress = [...new URL(url).searchParams].filter(([name]) => isSecretName(name))
  return [...given, ...inAddress]
    .flatMap(([, value]) => [value, value.replace(/^\w+ /, '')])
    .filter(secret => secret.length >= secretLettersMin)
    .reduce((text, secret) => text.replaceAll(secret, hiddenSecret), words)
}

/** The first words, on one line. */
function oneLine(words: string): string {
  const line = words.replace(/[^\x20-\x7e]+/g, ' ').trim()
  return line.slice(0, longestWords)
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
