import { constant, scenario } from 'loadstone'

/** Users that think nearly all the time: what a user costs while it waits. */
export default scenario('idle users', {
  load: { users: 1, duration: '10s' },
  thinkTime: constant('10s'),
  iteration: async user => {
    await user.http.get('/', {
      check: { 'has body': response => response.bytes().length === 200 },
    })
  },
})
