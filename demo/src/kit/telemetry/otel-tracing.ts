/**
 * Traces made with the OpenTelemetry SDK. Loaded with import() only, when there is a collector: the
 * SDK costs memory and start time.
 */
import {
  createNoopMeter,
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type MeterProvider,
  type Span,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api'
import {
  CompositePropagator,
  setGlobalErrorHandler,
  W3CTraceContextPropagator,
} from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { InstanceIdentity, TelemetryOptions } from '../../protocol.ts'
import { messagingAttributes } from './messages.ts'
import type { ServiceMetrics } from './metrics.ts'
import type {
  SpanAttributes,
  SpanKind,
  TracedMessage,
  TraceHeaders,
  TraceSpan,
  Tracing,
} from './tracing.ts'

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
}

const stopMs = 1_000
const logPauseMs = 60_000

const headerGetter = {
  keys: (headers: TraceHeaders) => Object.keys(headers),
  get: (headers: TraceHeaders, name: string) => headers[name] as string | string[] | undefined,
}

const headerSetter = {
  set: (headers: Record<string, string>, name: string, value: string) => {
    headers[name.toLowerCase()] = value
  },
}

export class OtelTracing implements Tracing {
  readonly #provider: TracerProvider
  readonly #tracer: Tracer
  readonly #propagator: TextMapPropagator
  #stopping: Promise<void> | undefined

  constructor(given: {
    readonly service: string
    readonly identity: InstanceIdentity
    readonly options: TelemetryOptions
    readonly otlpUrl: string
    readonly metrics: ServiceMetrics
  }) {
    const { service, identity, options, metrics } = given
    setGlobalErrorHandler(rateLimitedLog(service))
    const url = `${given.otlpUrl.replace(/\/$/, '')}/v1/traces`
    const processor = new BatchSpanProcessor({
      exporter: new OTLPTraceExporter({ url }),
      maxQueueSize: 4_096,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 1_000,
      exportTimeoutMillis: 10_000,
      selfObsMeterProvider: countingInto(metrics),
    })
    this.#provider = new TracerProvider({
      resource: defaultResource().merge(
        resourceFromAttributes({
          'service.name': service,
          'service.version': identity.version,
          'service.instance.id': identity.id,
          'deployment.environment.name': 'demo',
          'process.pid': process.pid,
        }),
      ),
      sampler: new ParentBasedSampler({
        root: new TraceIdRatioBasedSampler(options.sampleRatio),
      }),
      spanProcessors: [processor],
    })
    this.#tracer = this.#provider.getTracer('shop-kit')
    this.#propagator = propagatorFor(options)
  }

  serve(method: string, headers: TraceHeaders): TraceSpan {
    const context = this.#propagator.extract(ROOT_CONTEXT, headers, headerGetter)
    return this.#start({ kind: 'server', name: method, context, attributes: {} })
  }

  consume({ destination, id, headers }: TracedMessage): TraceSpan {
    const context = this.#propagator.extract(ROOT_CONTEXT, headers, headerGetter)
    const attributes = messagingAttributes({ operation: 'process', destination, id })
    const name = `process ${destination}`
    return this.#start({ kind: 'consumer', name, context, attributes, linked: true })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const { promise: timeIsUp, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, stopMs)
    // What could not be sent is already reported and counted by then.
    const sent = this.#provider.shutdown().catch(() => undefined)
    await Promise.race([sent, timeIsUp])
    clearTimeout(timer)
  }

  #start(options: Started): OtelSpan {
    const { kind, name, context, attributes } = options
    const parent = options.linked ? trace.getSpanContext(context) : undefined
    const links = parent ? [{ context: parent }] : []
    // Given, because the SDK's own reading of the clock has whole milliseconds.
    const given = { kind: kinds[kind], attributes, links, startTime: nowUnixMs() }
    const span = this.#tracer.startSpan(name, given, context)
    const step = { span, context: trace.setSpan(context, span) }
    return new OtelSpan(step, this.#propagator, below => this.#start(below))
  }
}

interface Started {
  readonly kind: SpanKind
  readonly name: string
  readonly context: Context
  readonly attributes: Attributes
  readonly linked?: boolean
}

class OtelSpan implements TraceSpan {
  readonly traceId: string
  readonly spanId: string
  readonly recorded: boolean
  readonly #span: Span
  readonly #context: Context
  readonly #propagator: TextMapPropagator
  readonly #startBelow: (options: Started) => OtelSpan

  constructor(
    step: { readonly span: Span; readonly context: Context },
    propagator: TextMapPropagator,
    startBelow: (options: Started) => OtelSpan,
  ) {
    const { traceId, spanId, traceFlags } = step.span.spanContext()
    this.traceId = traceId
    this.spanId = spanId
    this.recorded = (traceFlags & TraceFlags.SAMPLED) !== 0
    this.#span = step.span
    this.#context = step.context
    this.#propagator = propagator
    this.#startBelow = startBelow
  }

  start(kind: SpanKind, name: string, attributes: SpanAttributes): TraceSpan {
    if (!this.recorded) return this
    return this.#startBelow({ kind, name, context: this.#context, attributes })
  }

  rename(name: string): void {
    this.#span.updateName(name)
  }

  describe(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes)
  }

  event(name: string): void {
    this.#span.addEvent(name, nowUnixMs())
  }

  inject(headers: Record<string, string>): void {
    // The state belongs to the parent it came with: it must not outlive one that was not valid.
    delete headers['tracestate']
    this.#propagator.inject(this.#context, headers, headerSetter)
  }

  end(errorType?: string): void {
    if (errorType !== undefined) {
      this.#span.setAttribute('error.type', errorType)
      this.#span.setStatus({ code: SpanStatusCode.ERROR })
    }
    this.#span.end(nowUnixMs())
  }
}

/** Monotonic within a process, and to the microsecond, so that short spans nest as they ran. */
function nowUnixMs(): number {
  return performance.timeOrigin + performance.now()
}

/** W3C last: where both came in, it decides. B3 goes out as one header and as several. */
function propagatorFor({ b3 }: TelemetryOptions): TextMapPropagator {
  const w3c = new W3CTraceContextPropagator()
  if (!b3) return w3c
  const several = new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })
  return new CompositePropagator({ propagators: [new B3Propagator(), several, w3c] })
}

/** The SDK's own count of spans, lost ones included, as one of the service's metrics. */
function countingInto(metrics: ServiceMetrics): MeterProvider {
  const counter = {
    add: (count: number, attributes?: Attributes) => {
      const errorType = attributes?.['error.type']
      const labels = typeof errorType === 'string' ? { error_type: errorType } : {}
      metrics.spansProcessed.inc(labels, count)
    },
  }
  const noop = createNoopMeter()
  const meter = Object.create(noop, {
    createCounter: {
      value: (name: string) =>
        name === 'otel.sdk.processor.span.processed' ? counter : noop.createCounter(name),
    },
  }) as typeof noop
  return { getMeter: () => meter }
}

/** A collector that is away is worth a line a minute, not one for every batch. */
function rateLimitedLog(service: string): (error: unknown) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return error => {
    if (performance.now() - lastMs < logPauseMs) return
    lastMs = performance.now()
    const reason = error instanceof Error ? error.message : String(error)
    console.error(`${service}: traces cannot be sent: ${reason || 'no answer'}`)
  }
}
