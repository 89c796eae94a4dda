import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Where Debian and others have Chromium; FRAMEPORT_CHROMIUM names another one. */
const paths = [
  process.env.FRAMEPORT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** A browser that reads the site, and writes down what is wrong with it. */
export class Reader {
  /** Errors in the console, answers that are errors, and requests to other hosts, each with its page. */
  readonly complaints: string[] = []
  readonly #browser: Browser
  readonly #origin: string

  private constructor(browser: Browser, origin: string) {
    this.#browser = browser
    this.#origin = origin
  }

  /**
   * @param site the address of the site. Requests to other hosts are written down, and not made
   * @throws Error when there is no Chromium
   */
  static async start(site: string): Promise<Reader> {
    const executablePath = paths.find((path) => path !== undefined && existsSync(path))
    if (executablePath === undefined)
      throw new Error('No Chromium is installed: apt-get install chromium, or FRAMEPORT_CHROMIUM')
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
    return new Reader(await chromium.launch({ executablePath, args }), new URL(site).origin)
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext(options)
    const page = await context.newPage()
    const complain = (text: string) => this.complaints.push(`${page.url()}: ${text}`)
    await context.route('**/*', (route) => {
      const url = route.request().url()
      if (url.startsWith(`${this.#origin}/`)) return route.continue()
      complain(`a request to ${url}`)
      return route.abort()
    })
    page.on('pageerror', (error) => complain(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complain(message.text())
    })
    page.on('response', (response) => {
      if (response.status() >= 400) complain(`${response.status()} for ${response.url()}`)
    })
    return page
  }

  stop(): Promise<void> {
    return this.#browser.close()
  }
}

/** How many CSS pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
