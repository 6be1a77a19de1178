import { scenario } from 'loadstone'

/** Starts on schedule, answers or not. */
export default scenario('visit', {
  load: { rate: '1000/s', duration: '10s' },
  iteration: async user => {
    await user.http.get('/', { check: { 'is 200': response => response.status === 200 } })
  },
})
