import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtSite, type ServedSite, serveSite } from '../src/serve.ts'
import { overflow, Reader } from './browser.ts'

let site: ServedSite
let reader: Reader
let page: Page

beforeAll(async () => {
  site = await serveSite(0)
  reader = await Reader.start(site.url)
  page = await reader.page({ viewport: { width: 390, height: 844 } })
})

afterAll(async () => {
  await reader.stop()
  await site.close()
})

/** Built pages of a folder, as paths below the base. */
function builtPages(folder: string): string[] {
  return readdirSync(join(builtSite, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll(sep, '/')}`)
    .filter((name) => name.endsWith('.html'))
    .sort()
}

const guides = builtPages('guides')
const api = ['api/index', 'api/client', 'api/client/tcp', 'api/server', 'api/protocol/session', 'api/testing']
const others = [
  'overview',
  'reference/wire-protocol',
  'reference/errors',
  'packages/server',
  'decisions/index',
]

describe('the site, 390 pixels wide', () => {
  it('has a page for each guide, and one that lists them', () => {
    expect(guides.length).toBeGreaterThan(20)
    expect(guides).toContain('guides/index.html')
  })

  it.each(['', ...guides, ...[...api, ...others].map((name) => `${name}.html`)])(
    'shows /%s without errors, without requests to other hosts, and not wider than the screen',
    async (path) => {
      const before = reader.complaints.length
      const answer = await page.goto(site.url + path, { waitUntil: 'networkidle' })
      expect(answer?.status()).toBe(200)
      await page.locator('h1').first().waitFor()
      expect(reader.complaints.slice(before)).toEqual([])
      expect(await overflow(page)).toBe(0)
    },
  )

  it('says so when there is no page', async () => {
    const other = await reader.page()
    const answer = await other.goto(`${site.url}no-such-page`)
    expect(answer?.status()).toBe(404)
    await other.getByText('PAGE NOT FOUND').waitFor()
    // The browser reports the answer that this test asked for.
    const expected = reader.complaints.splice(-2)
    expect(expected.every((text) => text.includes('404'))).toBe(true)
    expect(reader.complaints).toEqual([])
  })
})

describe('the search', () => {
  it('finds a word in the pages, and leads to one', async () => {
    const desk = await reader.page({ viewport: { width: 1280, height: 800 } })
    await desk.goto(`${site.url}guides/`, { waitUntil: 'networkidle' })
    await desk.locator('#local-search button').click()
    await desk.locator('.search-input').fill('reconnect')
    const result = desk.locator('.results a.result').first()
    await result.waitFor()
    const target = await result.getAttribute('href')
    await result.click()
    await desk.waitForURL((url) => url.pathname + url.hash === target)
    expect(await desk.locator('main').textContent()).toMatch(/reconnect/i)
    expect(reader.complaints).toEqual([])
  })
})

describe('the colours', () => {
  it.each(['light', 'dark'] as const)('are %s when the system is', async (colorScheme) => {
    const one = await reader.page({ colorScheme })
    await one.goto(site.url, { waitUntil: 'networkidle' })
    const isDark = await one.evaluate(() => document.documentElement.classList.contains('dark'))
    expect(isDark).toBe(colorScheme === 'dark')
  })
})
