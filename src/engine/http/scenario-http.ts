import type { Recorder, Sample } from '../../metrics/index.ts'
import { sessionHeaderFault, type ScenarioPlan } from '../../plan/index.ts'
import { parseUrl, type Origin } from '../../protocols/index.ts'
import type { SpanMaker } from '../spans/span-maker.ts'
import {
  headerName,
  headerValue,
  ownLines,
  withLine,
  type HeadLines,
} from './request/head-lines.ts'
import { Template, templateParts } from './request/template.ts'
import { ScriptError } from './script-errors.ts'
import { Series } from './series.ts'
import type { Tracing } from './trace-context.ts'

/** Templates and names kept per scenario; what a script makes up beyond that is not remembered. */
const keptTemplates = 2000

export type MutableSample = { -readonly [K in keyof Sample]: Sample[K] }

export interface ScenarioHttpOptions {
  readonly scenario: ScenarioPlan
  readonly recorder: Recorder | undefined
  readonly tracing: Tracing
  /** Undefined: no spans are made. */
  readonly spans: SpanMaker | undefined
  readonly scriptFolder: string
}

/** What all sessions of a scenario in one worker share, so that a user costs next to nothing. */
export class ScenarioHttp {
  readonly scenario: ScenarioPlan
  readonly recorder: Recorder | undefined
  readonly tracing: Tracing
  readonly spans: SpanMaker | undefined
  readonly scriptFolder: string
  readonly origin: Origin
  /** Header lines for the scenario's own target. */
  readonly lines: HeadLines
  /** Timeouts of requests, parsed once. */
  readonly durationsUs = new Map<string, number>()
  /** Written over for every exchange: the recorder reads it at once. */
  readonly sample = emptySample()
  readonly get = new TemplateCache(this, 'GET')
  readonly post = new TemplateCache(this, 'POST')
  readonly put = new TemplateCache(this, 'PUT')
  readonly patch = new TemplateCache(this, 'PATCH')
  readonly delete = new TemplateCache(this, 'DELETE')
  readonly head = new TemplateCache(this, 'HEAD')
  readonly options = new TemplateCache(this, 'OPTIONS')
  readonly #others = new Map<string, TemplateCache>()
  readonly #series = new Map<string, Series>()
  #templates = 0

  constructor({ scenario, recorder, tracing, spans, scriptFolder }: ScenarioHttpOptions) {
    this.scenario = scenario
    this.recorder = recorder
    this.tracing = tracing
    this.spans = spans
    this.scriptFolder = scriptFolder
    this.origin = parseUrl(scenario.target.origin, scenario.target.socketPath).origin
    this.lines = this.#scenarioLines(this.linesFor(this.origin), false)
  }

  /** Templates of a method that has no field of its own. */
  method(name: string): TemplateCache {
    const upper = headerName(name).toUpperCase()
    const known = this.#others.get(upper)
    if (known !== undefined) return known
    const fields = [this.get, this.post, this.put, this.patch, this.delete, this.head, this.options]
    const made = fields.find(cache => cache.method === upper) ?? new TemplateCache(this, upper)
    if (this.#others.size < keptTemplates) this.#others.set(upper, made)
    return made
  }

  series(name: string): Series {
    const known = this.#series.get(name)
    if (known !== undefined) return known
    const made = new Series(this.recorder, this.scenario.name, name)
    if (this.#series.size < keptTemplates) this.#series.set(name, made)
    return made
  }

  /** True while there is room to remember another template; takes the room. */
  takeRoom(): boolean {
    if (this.#templates >= keptTemplates) return false
    this.#templates += 1
    return true
  }

  /** Header lines for any origin, without what belongs to the target: no scenario headers. */
  linesFor(origin: Origin): HeadLines {
    const host = origin.key.slice(origin.key.indexOf('//') + 2)
    return withLine(ownLines(host), 'baggage', this.tracing.baggage)
  }

  /** The same with the scenario's headers, for another origin that the script trusts with them. */
  trustedLinesFor(origin: Origin): HeadLines {
    return this.#scenarioLines(this.linesFor(origin), true)
  }

  compile(method: string, text: string): Template {
    const parts = templateParts(text)
    const url = parts.origin === undefined ? undefined : parseUrl(parts.origin)
    if (url?.authorization !== undefined) {
      throw new ScriptError(
        `a URL with a password in it would show in reports: put it into an authorization header`,
      )
    }
    const series = () => this.series(`${method} ${parts.name}`)
    const { target } = this.scenario
    const own = { method, parts, series, origin: this.origin, own: true, lines: this.lines }
    if (url === undefined) return new Template({ ...own, basePath: target.basePath })
    if (this.isOwn(url.origin)) return new Template({ ...own, basePath: '' })
    const { origin } = url
    const lines = this.linesFor(origin)
    return new Template({ method, parts, series, basePath: '', origin, own: false, lines })
  }

  /** True for the target of the scenario, however a URL spells it. */
  isOwn(origin: Origin): boolean {
    return origin.key === this.origin.key
  }

  #scenarioLines(plain: HeadLines, foreign: boolean): HeadLines {
    let lines = plain
    for (const [name, value] of Object.entries(this.scenario.headers)) {
      const lower = sessionHeaderName(name)
      if (foreign && lower === 'host') continue
      lines = withLine(lines, lower, headerValue(lower, value))
    }
    return lines
  }
}

/** Templates of one method, by their text. */
export class TemplateCache {
  readonly method: string
  readonly #http: ScenarioHttp
  readonly #templates = new Map<string, Template>()

  constructor(http: ScenarioHttp, method: string) {
    this.#http = http
    this.method = method
  }

  find(text: string): Template {
    return this.#templates.get(text) ?? this.#compile(text)
  }

  #compile(text: string): Template {
    const made = this.#http.compile(this.method, text)
    if (this.#http.takeRoom()) this.#templates.set(text, made)
    return made
  }
}

/** Lower-case name of a session header; one that every request needs anew is a ScriptError. */
export function sessionHeaderName(name: string): string {
  const fault = sessionHeaderFault(name)
  if (fault !== undefined) throw new ScriptError(fault)
  return name.toLowerCase()
}

function emptySample(): MutableSample {
  return {
    ...{ seriesId: 0, intendedAtUs: 0.5, startedAtUs: 0.5, endedAtUs: 0.5, status: 0 },
    ...{ failure: undefined, bytesIn: 0, bytesOut: 0, userId: 0, iteration: 0, traceId: '' },
    timings: undefined,
    exchange: undefined,
  }
}
