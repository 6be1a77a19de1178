import pg from 'pg'

/**
 * Resolves once PostgreSQL answers at this URL; rejects with a sentence that says why it does not.
 * Services wait for their database as long as it takes, so somebody has to look before.
 */
export async function mustAnswer(url: string, withinMs = 10_000): Promise<void> {
  const client = new pg.Client({
    ...{ connectionString: url, connectionTimeoutMillis: withinMs, query_timeout: withinMs },
    application_name: 'shop',
  })
  // What breaks the connection also ends what waits for it.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
  } catch (error) {
    throw new Error(`the database does not answer: ${reasonOf(error)}; see --database-url`)
  } finally {
    await client.end()
  }
}

/** A name with several addresses fails with an error for each, and no words of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
