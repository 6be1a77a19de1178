/** What is kept of one span. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  /** '' for a span without a parent. */
  readonly parentSpanId: string
  readonly service: string
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0 not said. */
  readonly kind: number
  readonly startUnixUs: number
  readonly durationUs: number
  /** 0 not said, 1 ok, 2 error. */
  readonly status: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly linkedTraceIds: readonly string[]
}

/** Attributes of spans and their resources that a diagnosis may read; the rest is left out. */
const keptAttributes: ReadonlySet<string> = new Set([
  ...['service.version', 'service.instance.id', 'k8s.pod.name'],
  ...['http.request.method', 'http.route', 'http.response.status_code'],
  ...['http.request.resend_count', 'error.type', 'server.address', 'server.port'],
  ...['db.system.name', 'db.namespace', 'db.operation.name', 'db.collection.name'],
  ...['db.query.text', 'messaging.system', 'messaging.destination.name'],
  ...['messaging.operation.type', 'messaging.operation.name', 'messaging.consumer.group.name'],
  ...['messaging.message.delivery_count', 'faas.coldstart', 'faas.instance', 'faas.version'],
])

const textMax = 200

/** Spans of an OTLP/HTTP request in JSON. Throws when it is not one. */
export function spansOf(request: unknown): Span[] {
  return list(request, 'resourceSpans').flatMap(resourceSpans => {
    const resource = attributesOf(field(resourceSpans, 'resource'))
    const service = String(resource['service.name'] ?? 'unknown_service')
    const own = kept(resource)
    return list(resourceSpans, 'scopeSpans').flatMap(scopeSpans =>
      list(scopeSpans, 'spans').map(span => spanOf(span, { service, own })),
    )
  })
}

function spanOf(
  span: unknown,
  of: { readonly service: string; readonly own: Span['attributes'] },
): Span {
  const startNs = nanoseconds(span, 'startTimeUnixNano')
  const endNs = nanoseconds(span, 'endTimeUnixNano')
  return {
    traceId: text(span, 'traceId').toLowerCase(),
    spanId: text(span, 'spanId').toLowerCase(),
    parentSpanId: optionalText(span, 'parentSpanId').toLowerCase(),
    service: of.service,
    name: text(span, 'name'),
    kind: Number(field(span, 'kind') ?? 0),
    startUnixUs: Number(startNs / 1_000n),
    durationUs: Math.max(0, Number((endNs - startNs) / 1_000n)),
    status: Number(field(field(span, 'status'), 'code') ?? 0),
    attributes: { ...of.own, ...kept(attributesOf(span)) },
    linkedTraceIds: list(span, 'links').map(link => text(link, 'traceId').toLowerCase()),
  }
}

function kept(attributes: Span['attributes']): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).filter(([name]) => keptAttributes.has(name))
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, textMax) : value,
    ]),
  )
}

/** Attributes with a text, a number or a truth; lists and maps are left out. */
function attributesOf(of: unknown): Record<string, string | number | boolean> {
  const found: [string, string | number | boolean][] = []
  for (const one of list(of, 'attributes')) {
    const value = field(one, 'value')
    const plain = field(value, 'stringValue') ?? field(value, 'boolValue')
    const number = field(value, 'intValue') ?? field(value, 'doubleValue')
    const isPlain = typeof plain === 'string' || typeof plain === 'boolean'
    if (isPlain) found.push([text(one, 'key'), plain])
    else if (number !== undefined) found.push([text(one, 'key'), Number(number)])
  }
  return Object.fromEntries(found)
}

function field(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined
  return (of as Readonly<Record<string, unknown>>)[name]
}

function list(of: unknown, name: string): readonly unknown[] {
  const value = field(of, name)
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`)
  return value
}

function text(of: unknown, name: string): string {
  const value = field(of, name)
  if (typeof value !== 'string') throw new Error(`${name} is missing or not a text`)
  return value
}

const optionalText = (of: unknown, name: string): string =>
  field(of, name) === undefined || field(of, name) === null ? '' : text(of, name)

/** 64 bits come as a text, or as a number that lost its last digits. */
function nanoseconds(of: unknown, name: string): bigint {
  const value = field(of, name)
  if (typeof value === 'number' && value >= 0) return BigInt(Math.round(value))
  if (typeof value === 'string' && /^\d+$/.test(value)) return BigInt(value)
  throw new Error(`${name} is missing or not a time`)
}
