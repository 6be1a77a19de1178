/** A document of about 12 kB, as services exchange them. */
const text = JSON.stringify(
  Array.from({ length: 100 }, (_, n) => {
    return { id: `item-${n}`, name: `Item number ${n}`, tags: ['a', 'b', `c${n}`], price: n * 1.1 }
  }),
)

/**
 * Reads and writes documents until this thread has used so much CPU time. Nothing else happens in
 * the process meanwhile. Returns the number of documents.
 */
export function workOnDocuments(cpuUs: number): number {
  const endUs = usedCpuUs() + cpuUs
  let documents = 0
  while (usedCpuUs() < endUs) {
    const items = JSON.parse(text) as { name: string }[]
    for (const item of items) item.name = item.name.toUpperCase()
    documents += JSON.stringify(items).length > 0 ? 1 : 0
  }
  return documents
}

/** Of this thread; older versions of Node know only the process. */
function usedCpuUs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return user + system
}
