import {
  NameTable,
  type RunSecond,
  type ScenarioWindow,
  type SeriesWindow,
  type ThresholdResult,
  type WorkerSecond,
} from '../../metrics/index.ts'
import {
  delayBoundsSeconds,
  requestBoundsSeconds,
  type Labels,
  type MetricFamily,
} from './metric-family.ts'
import { Durations, Numbers } from './tallies.ts'

const maxNames = 500

/** What is known of a run from its start. */
export interface FamilyFacts {
  readonly script: string
  readonly model: 'open' | 'closed' | 'mixed'
  readonly workers: number
  readonly loadstoneVersion: string
  readonly tags: Readonly<Record<string, string>>
}

/**
 * A run's seconds as named metrics that count from run start, warm-up included: one place for every
 * output and for /metrics. Fed with each second once; at most 500 names a scenario and kind are
 * kept apart, as in the reports.
 */
export class RunFamilies {
  readonly #facts: FamilyFacts
  readonly #names = new NameTable(maxNames)
  readonly #durations = new Durations()
  readonly #stepDurations = new Durations()
  readonly #startDelays = new Durations()
  readonly #loopDelays = new Durations()
  readonly #requests = new Numbers()
  readonly #failures = new Numbers()
  readonly #checks = new Numbers()
  readonly #received = new Numbers()
  readonly #sent = new Numbers()
  readonly #iterations = new Numbers()
  readonly #drops = new Numbers()
  readonly #users = new Numbers()
  readonly #cpu = new Numbers()
  readonly #loop = new Numbers()
  readonly #memory = new Numbers()
  readonly #thresholds = new Numbers()

  constructor(facts: FamilyFacts) {
    this.#facts = facts
  }

  /** Adds what was measured in a second (or in several that were merged). */
  add(second: RunSecond): void {
    for (const series of second.series) this.#addSeries(series)
    for (const { scenario, name, check, passed, failed } of second.checks) {
      const labels = { scenario, name: this.#names.resolve(`check\n${scenario}`, name), check }
      this.#checks.add({ ...labels, result: 'passed' }, passed)
      this.#checks.add({ ...labels, result: 'failed' }, failed)
    }
    for (const scenario of second.scenarios) this.#addScenario(scenario)
    for (const worker of second.generators) this.#addGenerator(worker)
  }

  /** How the thresholds stand. */
  judged(thresholds: readonly ThresholdResult[]): void {
    for (const { threshold, ok } of thresholds) {
      this.#thresholds.set({ threshold: threshold.expression }, ok ? 1 : 0)
    }
  }

  /** What there is by now; histograms in it go on counting, so read it at once. */
  families(): MetricFamily[] {
    return [
      ...this.#requestFamilies(),
      ...this.#scenarioFamilies(),
      ...this.#generatorFamilies(),
      gauge('loadstone_threshold_ok', '1 while the threshold holds, else 0.', this.#thresholds),
      this.#info(),
    ]
  }

  #addSeries(series: SeriesWindow): void {
    const { kind, scenario, outcome } = series
    const name = this.#names.resolve(`${kind}\n${scenario}`, series.name)
    if (kind !== 'request') {
      return this.#stepDurations.add({ scenario, name, kind, outcome }, series.latency)
    }
    const labels = { scenario, name, method: methodOf(name) }
    this.#durations.add({ ...labels, outcome }, series.latency)
    for (const [status, count] of Object.entries(series.statuses)) {
      this.#requests.add({ ...labels, status, outcome }, count)
    }
    for (const { reason, count } of series.failures) {
      this.#failures.add({ ...labels, reason }, count)
    }
    this.#received.add({ scenario }, series.bytesIn)
    this.#sent.add({ scenario }, series.bytesOut)
  }

  #addScenario(window: ScenarioWindow): void {
    const { scenario } = window
    this.#users.set({ scenario }, window.users)
    this.#iterations.add({ scenario, result: 'completed' }, window.iterationsCompleted)
    this.#iterations.add({ scenario, result: 'failed' }, window.iterationsFailed)
    this.#iterations.add({ scenario, result: 'interrupted' }, window.iterationsInterrupted)
    for (const [reason, count] of Object.entries(window.drops)) {
      this.#drops.add({ scenario, reason }, count)
    }
    this.#startDelays.add({ scenario }, window.startDelay)
  }

  #addGenerator(load: WorkerSecond): void {
    const worker = String(load.worker)
    this.#cpu.set({ worker }, load.cpuRatio)
    this.#loop.set({ worker }, load.eventLoopUtilization)
    this.#memory.set({ worker }, load.memoryBytes)
    this.#loopDelays.add({ worker }, load.eventLoopDelay)
  }

  #requestFamilies(): MetricFamily[] {
    return [
      durations(
        'loadstone_http_request_duration_seconds',
        'Latency of requests, counted from their intended start.',
        { durations: this.#durations, boundsSeconds: requestBoundsSeconds },
      ),
      counter(
        'loadstone_requests_total',
        'Requests by status of the answer (0: there was none) and outcome.',
        this.#requests,
      ),
      counter('loadstone_request_failures_total', 'Failed requests by reason.', this.#failures),
      counter('loadstone_checks_total', 'Checks of answers by result.', this.#checks),
      counter('loadstone_received_bytes_total', 'Bytes of answers on the wire.', this.#received),
      counter('loadstone_sent_bytes_total', 'Bytes of requests on the wire.', this.#sent),
      durations('loadstone_step_duration_seconds', 'Duration of steps and polls.', {
        durations: this.#stepDurations,
        boundsSeconds: requestBoundsSeconds,
      }),
    ]
  }

  #scenarioFamilies(): MetricFamily[] {
    return [
      gauge('loadstone_users', 'Virtual users that run.', this.#users),
      counter('loadstone_iterations_total', 'Iterations that ended, by result.', this.#iterations),
      counter(
        'loadstone_dropped_iterations_total',
        'Intended iterations that never started, by reason.',
        this.#drops,
      ),
      durations(
        'loadstone_start_delay_seconds',
        'Real start of iterations minus their intended start.',
        { durations: this.#startDelays, boundsSeconds: delayBoundsSeconds },
      ),
    ]
  }

  #generatorFamilies(): MetricFamily[] {
    return [
      gauge(
        'loadstone_generator_cpu_ratio',
        'CPU seconds a worker used per second: 1 is a whole core.',
        this.#cpu,
      ),
      gauge(
        'loadstone_event_loop_utilization_ratio',
        "Share of the time in which a worker's event loop was busy.",
        this.#loop,
      ),
      gauge('loadstone_generator_memory_bytes', 'Memory of a worker.', this.#memory),
      durations(
        'loadstone_event_loop_delay_seconds',
        "How late a worker's event loop came back to its work.",
        { durations: this.#loopDelays, boundsSeconds: delayBoundsSeconds },
      ),
    ]
  }

  #info(): MetricFamily {
    const { script, model, workers, loadstoneVersion, tags } = this.#facts
    const labels: Labels = {
      ...tagLabels(tags),
      ...{ script, model, workers: String(workers), version: loadstoneVersion },
    }
    return {
      kind: 'gauge',
      name: 'loadstone_run_info',
      help: 'The run: always 1.',
      points: [{ labels, value: 1 }],
    }
  }
}

/** 'GET' of 'GET /orders/:id'; '' when the script gave the request a name of its own. */
export function methodOf(name: string): string {
  return /^([A-Z][A-Z-]*) (?:\/|https?:)/.exec(name)?.[1] ?? ''
}

/** Tags whose names become the same label share it, their values joined by ';' as in PromQL. */
function tagLabels(tags: Readonly<Record<string, string>>): Labels {
  const labels: Record<string, string> = {}
  for (const [key, value] of Object.entries(tags)) {
    const label = `tag_${key.replace(/[^a-zA-Z0-9_]/g, '_')}`
    labels[label] = label in labels ? `${labels[label]};${value}` : value
  }
  return labels
}

const counter = (name: string, help: string, sums: Numbers): MetricFamily => {
  return { kind: 'counter', name, help, points: sums.points() }
}

const gauge = (name: string, help: string, gauges: Numbers): MetricFamily => {
  return { kind: 'gauge', name, help, points: gauges.points() }
}

const durations = (
  name: string,
  help: string,
  of: { readonly durations: Durations; readonly boundsSeconds: readonly number[] },
): MetricFamily => {
  const { boundsSeconds } = of
  return { kind: 'histogram', name, help, boundsSeconds, points: of.durations.points() }
}
