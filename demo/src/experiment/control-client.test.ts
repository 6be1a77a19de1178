import { describe, expect, test } from 'vitest'
import { startTestServer } from '../kit/test-server.ts'
import { ControlClient, ControlError } from './control-client.ts'

const fault = {
  ...{ name: 'small-pool', family: 'F08', parameters: { connectionsMax: '2' } },
  ...{ random: false, atSeconds: 0, forSeconds: 0 },
}

/** A control port that answers everything the same way, and remembers what it was asked. */
async function startControl(status: number, answer: unknown) {
  const asked: { method: string; path: string; body: unknown }[] = []
  const url = await startTestServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body: unknown = text === '' ? undefined : JSON.parse(text)
      asked.push({ method: request.method ?? '', path: request.url ?? '', body })
      response.statusCode = status
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  return { client: new ControlClient(url), url, asked }
}

describe('ControlClient', () => {
  test('sets a fault with its parameters, and draws them only when asked to', async () => {
    const { client, asked } = await startControl(201, { id: 1 })
    await client.setFault(fault, 7)
    await client.setFault({ ...fault, random: true }, 7)
    const { name, parameters } = fault
    expect(asked.map(({ body }) => body)).toEqual([
      { name, parameters },
      { name, parameters, random: true, seed: 7 },
    ])
    await client.clearFault('small-pool')
    expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/faults/small-pool' })
  })

  test('targets are those of the service discovery, and the numbers of the database', async () => {
    const { client, url } = await startControl(200, [
      {
        targets: ['127.0.0.1:1', '127.0.0.1:2'],
        labels: { __metrics_path__: '/stats/prometheus', service: 'catalog' },
      },
    ])
    expect(await client.targets()).toEqual([
      { url: 'http://127.0.0.1:1/stats/prometheus', labels: { service: 'catalog' } },
      { url: 'http://127.0.0.1:2/stats/prometheus', labels: { service: 'catalog' } },
      { url: `${url}/metrics`, labels: { service: 'postgres', shop_kind: 'database' } },
    ])
  })

  test.each([
    [{ detail: 'small-pool is set already' }, '400: small-pool is set already'],
    ['no JSON', '400: no JSON'],
  ])('a refusal is told in its own words: %j', async (answer, message) => {
    const { client } = await startControl(400, answer)
    const refused = client.setFault(fault, 7)
    await expect(refused).rejects.toThrow(ControlError)
    await expect(refused).rejects.toThrow(message)
  })
})
