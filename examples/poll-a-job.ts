/**
 * An asynchronous job: start it (202), wait until it has completed, fetch its result. The waiting
 * is a `poll`: its completion time is a series of its own, and giving up is a failure, never
 * silence.
 *
 *   npx loadstone run examples/poll-a-job.ts
 */
// loadstone-ignore no-cleanup (the demo shop forgets everything when it ends)
import { between, plan, scenario } from 'loadstone'

interface Job {
  status: 'queued' | 'running' | 'completed' | 'failed'
}

const report = scenario('usage report', {
  target: 'http://127.0.0.1:8080',
  load: { users: 5, rampUp: '2s', duration: '30s' },
  thinkTime: between('1s', '2s'),

  async iteration(user) {
    const started = await user.http.post('/api/v1/reports/usage', {
      headers: { authorization: `Api-Key ${user.env.API_KEY ?? 'lf_demo_cloudnative_api_key'}` },
      json: { month: '2026-10' },
      expect: 202,
      required: true,
    })
    const { job_id: id } = started.json<{ job_id: string }>()

    const finished = await user.poll(
      'report completed',
      { every: '250ms', timeout: '20s' },
      async () => {
        const job = await user.http.get('/api/v1/jobs/:id', { params: { id }, expect: 200 })
        return job.ok && ['completed', 'failed'].includes(job.json<Job>().status) && job.json<Job>()
      },
    )
    if (finished?.status === 'completed') {
      await user.http.get('/api/v1/jobs/:id/result', { params: { id }, expect: 200 })
    }
  },
})

export default plan({
  scenarios: [report],
  thresholds: ['report completed: p95 < 10s', 'errors < 1%'],
})
