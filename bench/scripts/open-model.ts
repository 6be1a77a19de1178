import { plan, scenario } from 'loadstone'

const visit = scenario('visit', {
  load: { rate: '1000/s', duration: '10s' },
  iteration: async user => {
    await user.http.get('/', { check: { 'is 200': response => response.status === 200 } })
  },
})

/** Starts on schedule, answers or not. The first 2 s, while code is compiled, do not count. */
export default plan({ scenarios: [visit], warmUp: '2s' })
