import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** The places of Chromium in Debian and other systems. FRAMEPORT_CHROMIUM names another one. */
const paths = [
  process.env.FRAMEPORT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** The browser of this machine, or undefined. */
export const chromiumPath = paths.find((path) => path !== undefined && existsSync(path))

/** The reason for skipping tests with a browser. */
export const withoutBrowser = 'no Chromium is installed: apt-get install chromium, or FRAMEPORT_CHROMIUM'

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** A problem that axe finds in a page. */
export interface AxeFinding {
  readonly id: string
  readonly where: readonly string[]
}

/** A headless browser, and the people in it. */
export class People {
  readonly #browser: Browser
  /** The errors of pages. */
  readonly complaints: string[] = []

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async arrive(): Promise<People> {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
    return new People(await chromium.launch({ executablePath: chromiumPath as string, args }))
  }

  /** Opens the page with the form, before a member has entered. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext(options)
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      // Error messages of the browser about a broken connection of a WebSocket or an icon are not faults of the page.
      if (message.type() === 'error' && !/WebSocket|net::ERR_/.test(message.text()))
        this.complaints.push(message.text())
    })
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(url)
    return page
  }

  async enter(
    url: string,
    name: string,
    options: BrowserContextOptions & { readonly room?: string } = {},
  ): Promise<Page> {
    const { room = 'lobby', ...rest } = options
    const page = await this.open(url, rest)
    await page.getByLabel('Your name').fill(name)
    await page.getByLabel('Room', { exact: true }).fill(room)
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.waitForSelector('#chat:not([hidden])')
    return page
  }

  leave(): Promise<void> {
    return this.#browser.close()
  }
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your line').fill(text)
  await page.getByLabel('Your line').press('Enter')
}

/** The lines of members, in order: `anna: hello`. */
export async function linesOf(page: Page): Promise<string[]> {
  return page.$$eval('#lines .line', (rows) =>
    rows.map((row) =>
      [...row.children]
        .slice(1)
        .map((part) => part.textContent)
        .join(': '),
    ),
  )
}

/** Settles when the page shows the line. */
export async function sees(page: Page, text: string): Promise<void> {
  await page.locator('#lines .line', { hasText: text }).first().waitFor({ timeout: 60_000 })
}

/** The problems that axe (WCAG 2.2 A and AA, and its best practices) finds in the current page. */
export async function axeFindings(page: Page): Promise<AxeFinding[]> {
  // Injected through the debugger, which the content security policy does not restrict.
  await page.evaluate(await readFile(axeFile, 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      readonly axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => ({ id, where: nodes.flatMap(({ target }) => target) }))
  })
}
