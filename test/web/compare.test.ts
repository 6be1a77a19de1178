import { describe, expect, test } from 'vitest'
import { pagesOfTests } from './browser.ts'
import { comparisonRows, madeComparison } from './made-comparison.ts'
import { madeRun, type MadeRun } from './made-run.ts'

const { dashboard } = pagesOfTests()

const [base, candidate] = ['base', 'candidate']
  .map((id, place) =>
    madeRun({ seconds: 40 - place * 10, names: 4, perName: 5, id, slowness: 1 + place / 2 }),
  )
  .map(leaving) as [MadeRun, MadeRun]

/** The same run whose users are all gone at its end, as in every real one. */
function leaving(run: MadeRun): MadeRun {
  const last = run.seconds.at(-1)!
  const left = { ...last, scenarios: last.scenarios.map(one => ({ ...one, users: 0 })) }
  return { ...run, seconds: [...run.seconds.slice(0, -1), left] }
}

const sides = { base: base.page.item, candidate: candidate.page.item }
const comparisonPage = madeComparison(sides, ['GET /api/<b>cart</b>'])

async function comparing(width: number) {
  const watched = await dashboard([base, candidate], {
    ...{ hash: '#/compare/base/candidate', comparison: comparisonPage },
    viewport: { width, height: 900 },
  })
  await watched.page.locator('.plot canvas').nth(5).waitFor()
  return watched
}

describe('two runs laid over each other', () => {
  test.each([360, 1280])('show the verdicts in words, %i px wide', async width => {
    const { page, faults } = await comparing(width)
    expect(await page.getByRole('status').first().innerText()).toMatch(/regressed/)
    const rows = await page.locator('.comparison tbody tr').allInnerTexts()
    expect(rows.map(row => row.replace(/\s+/g, ' ').trim())).toEqual([
      ...comparisonRows.all,
      'GET /api/<b>cart</b>',
      ...comparisonRows.name,
    ])
    await page.getByText('p95 of all requests is 50 % slower').waitFor()
    await page.getByText('Runs of the same thing differ').waitFor()
    await page.getByText('Only in the base: GET /api/old').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(faults).toEqual([])
  })

  test('do not fall to no users where they end', async () => {
    const { page } = await comparing(1280)
    const chart = page.getByRole('figure', { name: 'Users' })
    await chart.getByText('Numbers').click()
    const rows = await chart.locator('tbody tr').allInnerTexts()
    const shown = rows.map(row => row.split(/\s+/).slice(1))
    expect(shown.filter(values => values.includes('0'))).toEqual([])
    expect(shown.at(-1)).toEqual(['–', '–'])
  })

  test('say the verdict on a phone before anything is scrolled', async () => {
    const { page } = await comparing(375)
    const status = (await page.getByRole('status').first().boundingBox())!
    expect(status.y + status.height).toBeLessThanOrEqual(800)
    const badges = await page.locator('.comparison .badge').all()
    const boxes = await Promise.all(badges.map(async badge => (await badge.boundingBox())!))
    for (const { x, width } of boxes) expect(x + width).toBeLessThanOrEqual(375)
  })

  test('can be changed round', async () => {
    const { page } = await comparing(1280)
    await page.getByRole('link', { name: 'Swap base and candidate' }).click()
    await page.waitForURL(/#\/compare\/candidate\/base$/)
  })

  test('can show only what changed', async () => {
    const { page } = await comparing(1280)
    await page.getByLabel('Only what changed').check()
    await expect.poll(() => page.locator('.comparison tbody').count()).toBe(1)
  })
})
