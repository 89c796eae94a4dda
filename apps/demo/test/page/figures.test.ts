import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { axeFindings, chromiumPath, People, say, sees, withoutBrowser } from '../support/browser.ts'
import { Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'

const title = chromiumPath === undefined ? `figures (skipped: ${withoutBrowser})` : 'figures'

describe.skipIf(chromiumPath === undefined)(title, { timeout: 240_000 }, () => {
  const programs = new Programs()
  let people: People

  beforeAll(async () => {
    people = await People.arrive()
  }, 120_000)
  afterEach(async () => {
    await programs.endAll()
    expect(people.complaints.splice(0)).toEqual([])
  })
  afterAll(() => people.leave())

  test('a button opens a panel with live statistics of the server, on each kind of page', async () => {
    const { pageUrl, port } = await startServer(programs, '--page-port', '0', '--label', 'left rack')
    const url = pageUrl as string
    const anna = await people.enter(url, 'anna')
    const dark = await people.enter(url, 'bob', { colorScheme: 'dark' })
    const phone = await people.enter(url, 'carol', { viewport: { width: 375, height: 667 } })
    const bot = programs.chat('--name', 'bot', '--port', port)
    bot.write(`${Array.from({ length: 60 }, (_, line) => `line ${line}`).join('\n')}\n/quit\n`)
    expect((await bot.end()).exitCode).toBe(0)
    for (const page of [anna, dark, phone]) {
      const newest = page.locator('#lines .line', { hasText: 'line 59' })
      await newest.waitFor({ timeout: 60_000 })
      const isInSight = () =>
        newest.evaluate((row) => {
          const list = row.parentElement as HTMLElement
          return row.getBoundingClientRect().bottom <= list.getBoundingClientRect().bottom + 1
        })
      expect(await until(isInSight)).toBe(true)
      const button = page.getByRole('button', { name: 'Figures' })
      expect(await page.getByRole('table').count()).toBe(0)
      await button.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('rowheader', { name: 'left rack' }).waitFor({ timeout: 60_000 })
      expect(await button.getAttribute('aria-expanded')).toBe('true')
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
      expect(await until(isInSight)).toBe(true)
    }
    const cell = async (name: string) => {
      const names = await anna.getByRole('columnheader').allTextContents()
      return await anna.getByRole('row').nth(1).locator('th, td').nth(names.indexOf(name)).textContent()
    }
    expect(await until(async () => (await cell('Connections')) === '3')).toBe(true)
    await dark.getByRole('button', { name: 'Leave the chat' }).click()
    expect(await until(async () => (await cell('Connections')) === '2')).toBe(true)
    await anna.getByRole('button', { name: 'Figures' }).click()
    expect(await anna.getByRole('table').count()).toBe(0)
    await say(anna, 'still here')
    await sees(phone, 'still here')
  })
})
