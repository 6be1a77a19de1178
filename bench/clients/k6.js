import http from 'k6/http'
import { check } from 'k6'

export default function () {
  const response = http.get(__ENV.TARGET)
  check(response, { 'has body': r => r.body.length === 200 })
}
