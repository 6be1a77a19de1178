import { Gauge, Registry } from 'prom-client'
import type { ScaledService } from './scaled-service.ts'

const namespace = 'shop'
const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const

type Labels = Readonly<Record<string, string>>
type Write = (name: string, labels: Labels, value: number) => void

/** The families that are shown, each with its help text, as kube-state-metrics names them. */
const families: Readonly<Record<string, string>> = {
  kube_horizontalpodautoscaler_spec_min_replicas: 'Lower limit of the number of replicas',
  kube_horizontalpodautoscaler_spec_max_replicas: 'Upper limit of the number of replicas',
  kube_horizontalpodautoscaler_spec_target_metric: 'What the metric is to be',
  kube_horizontalpodautoscaler_status_target_metric: 'What the metric was at the last sync',
  kube_horizontalpodautoscaler_status_current_replicas: 'Replicas that there are',
  kube_horizontalpodautoscaler_status_desired_replicas: 'Replicas that there should be',
  kube_horizontalpodautoscaler_status_condition: 'Whether it can and does scale',
  kube_deployment_spec_replicas: 'Replicas asked for',
  kube_deployment_status_replicas_ready: 'Replicas that take requests',
  kube_deployment_status_replicas_available: 'Replicas that take requests',
  kube_deployment_status_replicas_unavailable: 'Replicas asked for that take none',
  kube_pod_created: 'When the replica was asked for, Unix seconds',
  kube_pod_start_time: 'When the replica was started, Unix seconds',
  kube_pod_status_ready_time: 'When the replica took its first request, Unix seconds',
  kube_pod_status_ready: 'Whether the replica takes requests',
  kube_pod_status_phase: 'Phase of the replica',
  kube_pod_container_resource_requests: 'CPU cores that a replica is meant to have',
}

/** All scaled services in Prometheus' format, under the names of kube-state-metrics. */
export async function metricsPage(
  services: readonly ScaledService[],
): Promise<{ readonly type: string; readonly text: string }> {
  const registry = new Registry()
  const written = new Map<string, { readonly labels: Labels; readonly value: number }[]>()
  const write: Write = (name, labels, value) => {
    written.set(name, [...(written.get(name) ?? []), { labels, value }])
  }
  for (const service of services) {
    writeAutoscaler(service, write)
    writeDeployment(service, write)
    writePods(service, write)
  }
  for (const [name, help] of Object.entries(families)) {
    const lines = written.get(name) ?? []
    // A gauge that is never set would show a 0 that nobody measured.
    if (lines.length === 0) continue
    const labelNames = [...new Set(lines.flatMap(({ labels }) => Object.keys(labels)))]
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const { labels, value } of lines) gauge.set(labels, value)
  }
  return { type: registry.contentType, text: await registry.metrics() }
}

function writeAutoscaler({ state, verdict }: ScaledService, write: Write): void {
  const labels = { namespace, horizontalpodautoscaler: state.service }
  const { settings, replicas } = state
  const own = (name: string, value: number, more: Labels = {}) =>
    write(`kube_horizontalpodautoscaler_${name}`, { ...labels, ...more }, value)
  own('spec_min_replicas', settings.minReplicas)
  own('spec_max_replicas', settings.maxReplicas)
  // Kubernetes shows utilisation in whole percent.
  const isQueue = settings.metric === 'queue'
  const shown = (value: number) => (isQueue ? value : Math.round(value * 100))
  const metric = {
    metric_name: isQueue ? 'messaging_queue_depth' : settings.metric,
    metric_target_type: isQueue ? 'average' : 'utilization',
  }
  own('spec_target_metric', shown(settings.target), metric)
  if (verdict.current !== undefined) {
    own('status_target_metric', shown(verdict.current), metric)
  }
  own('status_current_replicas', replicas.length)
  own('status_desired_replicas', verdict.desiredReplicas)
  const conditions = {
    AbleToScale: true,
    ScalingActive: verdict.current !== undefined,
    ScalingLimited: verdict.limitedBy !== undefined && verdict.limitedBy !== 'ScaleDownStabilized',
  }
  for (const [condition, holds] of Object.entries(conditions)) {
    for (const status of ['true', 'false', 'unknown']) {
      own('status_condition', status === String(holds) ? 1 : 0, { condition, status })
    }
  }
}

function writeDeployment({ state, verdict }: ScaledService, write: Write): void {
  const labels = { namespace, deployment: state.service }
  const ready = state.replicas.filter(({ readyAtUnixMs }) => readyAtUnixMs !== undefined).length
  const asked = verdict.desiredReplicas
  const values = {
    spec_replicas: asked,
    status_replicas_ready: ready,
    status_replicas_available: ready,
    status_replicas_unavailable: Math.max(0, asked - ready),
  }
  for (const [name, value] of Object.entries(values))
    write(`kube_deployment_${name}`, labels, value)
}

function writePods({ state }: ScaledService, write: Write): void {
  for (const { id, createdAtUnixMs, readyAtUnixMs } of state.replicas) {
    const labels = { namespace, pod: id }
    write('kube_pod_created', labels, createdAtUnixMs / 1_000)
    write('kube_pod_start_time', labels, createdAtUnixMs / 1_000)
    const isReady = readyAtUnixMs !== undefined
    if (isReady) write('kube_pod_status_ready_time', labels, readyAtUnixMs / 1_000)
    for (const condition of ['true', 'false', 'unknown']) {
      const value = condition === String(isReady) ? 1 : 0
      write('kube_pod_status_ready', { ...labels, condition }, value)
    }
    for (const phase of phases) {
      const value = phase === (isReady ? 'Running' : 'Pending') ? 1 : 0
      write('kube_pod_status_phase', { ...labels, phase }, value)
    }
    const request = { ...labels, container: state.service, resource: 'cpu', unit: 'core' }
    write('kube_pod_container_resource_requests', request, state.settings.cpuRequestCores)
  }
}
