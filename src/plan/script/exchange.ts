/** What a script says to ask for something, and what it gets back. */

/** ':id' parts of a template, as a union of their names; `never` when there are none. */
export type PathParams<Template extends string> = Template extends `${infer Scheme}://${infer Rest}`
  ? Scheme extends ''
    ? never
    : PathParams<Rest extends `${string}/${infer Path}` ? `/${Path}` : ''>
  : Template extends `${string}/:${infer Rest}`
    ? ParamName<Rest> | PathParams<AfterName<Rest>>
    : never

type Stop = '/' | '?' | '#' | '.' | '-' | '&' | ':'
type ParamName<Text extends string> = Text extends `${infer Head}${infer Tail}`
  ? Head extends Stop
    ? ''
    : `${Head}${ParamName<Tail>}`
  : ''
type AfterName<Text extends string> = Text extends `${infer Head}${infer Tail}`
  ? Head extends Stop
    ? Text
    : AfterName<Tail>
  : ''

type Scalar = string | number | boolean

/** The part of the Standard Schema specification that is needed here (standardschema.dev). */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly unknown[] | undefined
      }[]
    }

/** A status, a list of statuses, or a class such as '2xx'. */
export type Expect =
  number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | readonly (number | `${1 | 2 | 3 | 4 | 5}xx`)[]

/** true: passed; a text: failed, for this reason; false: failed. */
export type Check<Json> = (response: Response<Json>) => boolean | string

/** One part of a multipart/form-data body. A path is read from disk, relative to the script. */
export type FormPart =
  | Scalar
  | { readonly content: string | Uint8Array; readonly filename?: string; readonly type?: string }
  | { readonly file: string; readonly filename?: string; readonly type?: string }

export interface RequestOptions<
  Template extends string = string,
  Json = unknown,
> extends CommonOptions<Json> {
  /** Values of the template's `:params`, URL-encoded for you. */
  readonly params?: Readonly<
    Record<string extends Template ? string : PathParams<Template>, Scalar>
  >
}

export interface CommonOptions<Json = unknown> {
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[] | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON with its content type. Only one of json, form, body, multipart. */
  readonly json?: unknown
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, Scalar>>
  /** Sent as it is; a stream goes out chunked (or with your content-length header). */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly multipart?: Readonly<Record<string, FormPart | readonly FormPart[]>>
  /** From the start of the exchange to its last byte. @default the scenario's timeout, '30s' */
  readonly timeout?: string
  /** Series name instead of method and template. */
  readonly name?: string
  /** @default any status below 400 */
  readonly expect?: Expect
  readonly check?: Check<Json> | Readonly<Record<string, Check<Json>>>
  /** Not ok: the iteration (or onStart) ends here, so that dependent exchanges do not run. */
  readonly required?: boolean
  /** Any Standard Schema (zod, valibot ...): checks the JSON body and types `json()`. */
  readonly schema?: StandardSchema<Json>
  /** Redirects followed at most; 0 hands the 3xx to you. @default 10 */
  readonly redirects?: number
  /** 'include' sends session headers (authorization, cookie ...) to another origin too. */
  readonly credentials?: 'sameOrigin' | 'include'
}

/** Arguments of a request: options may be left out only when the template has no `:params`. */
export type RequestArguments<Template extends string, Json> = string extends Template
  ? [options?: RequestOptions<string, Json>]
  : [PathParams<Template>] extends [never]
    ? [options?: CommonOptions<Json> & { readonly params?: never }]
    : [
        options: CommonOptions<Json> & {
          readonly params: Readonly<Record<PathParams<Template>, Scalar>>
        },
      ]

export interface ResponseTimings {
  readonly dnsMs: number
  readonly connectMs: number
  readonly tlsMs: number
  /** From sending the request to the first byte of the answer. */
  readonly firstByteMs: number
  readonly downloadMs: number
  /** From the real start of the exchange to its last byte. */
  readonly totalMs: number
  readonly connectionReused: boolean
}

export interface ResponseHeaders {
  /** Value of a header, any case; several lines joined with ', '; undefined when absent. */
  get(name: string): string | undefined
  /** All lines of a header, in order: for set-cookie. */
  getAll(name: string): readonly string[]
  has(name: string): boolean
  entries(): IterableIterator<[name: string, value: string]>
}

/**
 * An answer, or the failure to get one. A failed answer is data: nothing throws but `json()` on
 * what is not JSON.
 */
export interface Response<Json = unknown> {
  /** No failure of any kind: an answer came, its status was expected, every check passed. */
  readonly ok: boolean
  /** 0 when there was no answer. */
  readonly status: number
  readonly statusText: string
  readonly headers: ResponseHeaders
  readonly traceId: string
  readonly timings: ResponseTimings
  /** Why it failed, as it is counted in the report; undefined when ok. */
  readonly failure: string | undefined
  /** Final URL, after redirects. */
  readonly url: string
  /** Body as text (UTF-8, or the charset it declares), decompressed on first use. '' when none. */
  text(): string
  /** Body parsed as JSON, once. Throws a ScriptError that names the series when it is not JSON. */
  json<T = Json>(): NoInfer<T>
  bytes(): Uint8Array
}

type Request = <const Template extends string, Json = unknown>(
  template: Template,
  ...rest: RequestArguments<Template, Json>
) => Promise<Response<Json>>

/** One virtual user's HTTP session: its own connections, cookies and headers. */
export interface HttpSession {
  readonly get: Request
  readonly post: Request
  readonly put: Request
  readonly patch: Request
  readonly delete: Request
  readonly head: Request
  readonly options: Request
  /** Any other method. */
  request<const Template extends string, Json = unknown>(
    method: string,
    template: Template,
    ...rest: RequestArguments<Template, Json>
  ): Promise<Response<Json>>
  /** Sent with every request to the scenario's own origin. Names in any case. */
  readonly headers: SessionHeaders
  readonly cookies: SessionCookies
}

export interface SessionHeaders {
  set(name: string, value: string): void
  get(name: string): string | undefined
  delete(name: string): void
}

export interface SessionCookies {
  /** Value of a cookie that would be sent to the target's root. */
  get(name: string): string | undefined
  set(name: string, value: string): void
  clear(): void
}
