/**
 * An asynchronous job: start it (202), wait until it is over, fetch its result. The waiting is a
 * `poll`: its completion time is a series of its own, and giving up is a failure, never silence.
 * So is a job that fails: its answers are all 200, and only a check can tell. Each user waits for
 * its report before it asks for the next, but the queue is shared: a look at it comes first.
 *
 *   npx loadstone run examples/poll-a-job.ts
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { between, plan, scenario } from 'loadstone'

interface Job {
  readonly status: 'queued' | 'running' | 'completed' | 'failed'
  readonly result?: { readonly days: readonly object[] }
}

export const usageReport = scenario('usage report', {
  target: 'http://127.0.0.1:8080',
  load: { users: 5, rampUp: '2s', duration: '30s' },
  thinkTime: between('1s', '2s'),

  async iteration(user) {
    await user.http.get('/api/v1/jobs', { query: { status: 'queued', limit: 20 }, expect: 200 })

    const started = await user.http.post('/api/v1/reports/usage', {
      headers: { authorization: `Api-Key ${user.env.API_KEY ?? 'lf_demo_cloudnative_api_key'}` },
      json: { month: '2026-10' },
      expect: 202,
      required: true,
    })
    const { job_id: id } = started.json<{ job_id: string }>()

    const isOver = await user.poll(
      'report completed',
      { every: '250ms', timeout: '20s' },
      async () => {
        const job = await user.http.get('/api/v1/jobs/:id', { params: { id }, expect: 200 })
        return job.ok && ['completed', 'failed'].includes(job.json<Job>().status)
      },
    )
    if (isOver !== true) return
    await user.http.get('/api/v1/jobs/:id/result', {
      params: { id },
      expect: 200,
      check: {
        'has completed': answer => answer.json<Job>().status === 'completed',
        'has a day a line': answer => (answer.json<Job>().result?.days.length ?? 0) > 0,
      },
    })
  },
})

export default plan({
  scenarios: [usageReport],
  thresholds: ['report completed: p95 < 10s', 'GET /api/v1/jobs/:id: p95 < 1s', 'errors < 1%'],
})
