import { plan, scenario } from 'loadstone'

const ask = scenario('ask', {
  load: { rate: '1000/s', duration: '25s' },
  iteration: async user => {
    await user.http.get('/', { check: { 'is 200': response => response.status === 200 } })
  },
})

/**
 * One whole freeze period of warm-up: in its freeze the users open their connections, which costs
 * the server more than the 5 ms it promises.
 */
export default plan({ scenarios: [ask], warmUp: '5s' })
