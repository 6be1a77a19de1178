import { createHash } from 'node:crypto'
import type { RunFacts, UserSpan } from '../../metrics/index.ts'
import { methodOf } from '../../report/index.ts'
import { keyValues, unixNano, type OtlpSpan } from './otlp-messages.ts'
import { requestPlace, type Targets } from './request-place.ts'

/** Ids of the run's own span: everyone who knows the run's id knows them. */
function runSpanIds(runId: string): { readonly traceId: string; readonly spanId: string } {
  const hash = createHash('sha256').update(runId).digest('hex')
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) }
}

/** A user's span as OTLP. An iteration is linked to the run, so that traces stay small. */
export function otlpSpan(
  span: UserSpan,
  run: { readonly id: string; readonly startAtUnixMs: number; readonly targets: Targets },
): OtlpSpan {
  const { traceId, spanId, parentSpanId, failure, startedAtUs, endedAtUs } = span
  return {
    ...{ traceId, spanId },
    ...(parentSpanId === '' ? { links: [runSpanIds(run.id)] } : { parentSpanId }),
    name: nameOf(span),
    kind: span.kind === 'request' ? 3 : 1,
    startTimeUnixNano: unixNano(run.startAtUnixMs, startedAtUs),
    endTimeUnixNano: unixNano(run.startAtUnixMs, endedAtUs),
    attributes: keyValues({
      'loadstone.scenario': span.scenario,
      'loadstone.user.id': span.userId,
      ...(span.iteration < 0 ? {} : { 'loadstone.iteration': span.iteration }),
      ...(span.kind === 'iteration' ? {} : { 'loadstone.name': span.name }),
      ...requestAttributes(span, run.targets),
      ...(failure === undefined ? {} : { 'error.type': failure }),
    }),
    ...(failure === undefined ? {} : { status: { code: 2, message: failure } }),
  }
}

/** The whole run, in a trace of its own. */
export function runSpan(
  run: Pick<RunFacts, 'id' | 'script' | 'startedAtUnixMs' | 'durationUs' | 'endReason'>,
): OtlpSpan {
  const { startedAtUnixMs, durationUs, endReason } = run
  return {
    ...runSpanIds(run.id),
    ...{ name: `run ${run.script}`, kind: 1 },
    startTimeUnixNano: unixNano(startedAtUnixMs),
    endTimeUnixNano: unixNano(startedAtUnixMs, durationUs),
    attributes: keyValues({ 'loadstone.run.id': run.id, 'loadstone.script': run.script }),
    ...(endReason === undefined ? {} : { status: { code: 2, message: endReason } }),
  }
}

/** '{method} {url.template}' of a request, as the conventions ask, whatever the script calls it. */
function nameOf({ kind, name, request }: UserSpan): string {
  if (kind === 'iteration') return name
  if (request === undefined) return `${kind} ${name}`
  return methodOf(name) === '' || request.redirects > 0 ? request.method : name
}

function requestAttributes(span: UserSpan, targets: Targets): Record<string, string | number> {
  const { request, scenario, name } = span
  if (request === undefined) return {}
  const { status, url, host, port, method, redirects } = request
  const template = requestPlace(scenario, name, targets)['url.template']
  return {
    ...{ 'http.request.method': method, 'url.full': url },
    ...{ 'server.address': host, 'server.port': port },
    ...(redirects === 0 ? {} : { 'http.request.resend_count': redirects }),
    ...(template === undefined || redirects > 0 ? {} : { 'url.template': template }),
    ...(status === 0 ? {} : { 'http.response.status_code': status }),
  }
}
