import { scenario } from 'loadstone'

/**
 * One request after another, with a named check: the cheapest script that still looks at answers.
 */
export default scenario('hot path', {
  load: { users: 64, duration: '10s' },
  iteration: async user => {
    await user.http.get('/', {
      check: { 'has body': response => response.bytes().length === 200 },
    })
  },
})
