import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { axeFindings, chromiumPath, linesOf, People, say, sees, withoutBrowser } from '../support/browser.ts'
import { CutProxy } from '../support/cut-proxy.ts'
import { Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'

test.runIf(process.env.FRAMEPORT_REQUIRE_CHROMIUM !== undefined)('a Chromium is installed', () => {
  expect(chromiumPath).toBeDefined()
})

const title = chromiumPath === undefined ? `the page (skipped: ${withoutBrowser})` : 'the page'

describe.skipIf(chromiumPath === undefined)(title, { timeout: 240_000 }, () => {
  const programs = new Programs()
  let people: People
  let folder: string

  beforeAll(async () => {
    people = await People.arrive()
    folder = await mkdtemp(join(tmpdir(), 'frameport-page-'))
  }, 120_000)
  afterEach(async () => {
    await programs.endAll()
    expect(people.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await people.leave()
    await rm(folder, { recursive: true })
  })

  const serve = async (...args: string[]) => {
    const { pageUrl, port, program } = await startServer(programs, '--page-port', '0', ...args)
    return { url: pageUrl as string, port, program }
  }

  test('two pages and a terminal talk, and see who types, joins and leaves', async () => {
    const { url, port } = await serve()
    const anna = await people.enter(url, 'anna')
    const bob = await people.enter(url, 'bob')
    const carol = programs.chatOnTerminal(60, ['--name', 'carol', '--port', port])
    await carol.endsWith('carol ›')
    await expectText(anna, '#here', '3 here')
    await say(anna, 'hello from a page')
    await sees(bob, 'hello from a page')
    await carol.shows('anna: hello from a page')
    carol.type('hello from a terminal\r')
    await sees(anna, 'hello from a terminal')
    await bob.getByLabel('Your line').pressSequentially('half a li')
    await expectText(anna, '#typing', 'bob is typing')
    carol.type('/quit\r')
    await expectText(anna, '#here', '2 here')
    await bob.getByRole('button', { name: 'Leave the chat' }).click()
    await expectText(anna, '#here', '1 here')
  })

  test('a cut and a restart of the server lose no line, show none twice, and keep the half-typed line', async () => {
    const data = join(folder, 'data')
    let { url, port, program } = await serve('--data', data)
    let pagePort = Number(new URL(url).port)
    const proxy = await CutProxy.open(() => pagePort)
    const through = `http://127.0.0.1:${proxy.port}/`
    const anna = await people.enter(through, 'anna')
    const bob = await people.enter(url, 'bob')
    let count = 0
    const talk = async () => {
      for (let line = 0; line < 5; line += 1) {
        count += 1
        await say(anna, `anna ${count}`)
        await say(bob, `bob ${count}`)
      }
    }
    for (let cut = 0; cut < 3; cut += 1) {
      await talk()
      proxy.cut()
      await talk()
      await anna.locator('#banner:not([hidden])').waitFor()
      proxy.mend()
      await anna.locator('#banner[hidden]').waitFor({ state: 'attached', timeout: 60_000 })
    }
    await bob.getByLabel('Your line').fill('half typed')
    program.kill('SIGKILL')
    await bob.locator('#banner:not([hidden])').waitFor({ timeout: 60_000 })
    await say(anna, 'said while nobody was there')
    ;({ url, port, program } = await serve('--data', data, '--port', port, '--page-port', String(pagePort)))
    pagePort = Number(new URL(url).port)
    await sees(bob, 'said while nobody was there')
    expect(await bob.getByLabel('Your line').inputValue()).toBe('half typed')
    const expected = [...Array(count)].flatMap((_, index) => [
      `anna: anna ${index + 1}`,
      `bob: bob ${index + 1}`,
    ])
    for (const page of [anna, bob]) {
      const lines = await linesOf(page)
      expect(new Set(lines).size).toBe(lines.length)
      expect(lines.filter((line) => !line.includes('while nobody')).toSorted()).toEqual(expected.toSorted())
    }
    await proxy.close()
  })

  test('a file in transfer, and one that can be saved, stay available in another room and back', async () => {
    const { url } = await serve()
    const anna = await people.enter(url, 'anna')
    const bob = await people.enter(url, 'bob')
    // Has not answered, so the file waits.
    const carol = await people.enter(url, 'carol')
    const path = join(folder, 'notes.txt')
    await writeFile(path, 'of use')
    await anna.locator('#file').setInputFiles(path)
    await bob.getByRole('button', { name: 'Take it' }).click()
    await bob.getByText('The transfer starts when all have answered').waitFor()
    await anna.getByText('It will be sent to bob in a few seconds.').waitFor()
    const go = async (room: string) => {
      await bob.getByLabel('Another room').fill(room)
      await bob.getByRole('button', { name: 'Join' }).click()
      await expectText(bob, '#room-name', room)
      await bob.locator('#lines', { hasText: `bob joined ${room}` }).waitFor()
    }
    const cards = () => bob.locator('#lines .card', { hasText: 'anna offers notes.txt' }).count()
    await go('dev')
    expect(await cards()).toBe(1)
    await go('lobby')
    expect(await cards()).toBe(1)
    expect(await bob.getByRole('button', { name: 'Take it' }).count()).toBe(0)
    await carol.getByRole('button', { name: 'No, thanks' }).click()
    await bob.getByText('Save notes.txt').waitFor({ timeout: 60_000 })
    await go('dev')
    expect(await bob.getByText('Save notes.txt').isVisible()).toBe(true)
  })

  test('a received picture is shown, and a file can be saved under a harmless name', async () => {
    const { url } = await serve()
    const anna = await people.enter(url, 'anna')
    const bob = await people.enter(url, 'bob')
    const picture = join(folder, 'sun & moon.png')
    await writeFile(picture, onePixel())
    await bob.locator('#file').setInputFiles(picture)
    await anna.getByRole('button', { name: 'Take it' }).click()
    const shown = anna.getByRole('img', { name: 'Picture sun & moon.png' })
    await shown.waitFor({ timeout: 60_000 })
    expect(await shown.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1)
    await bob.getByText('anna has it.').waitFor()
    const document = join(folder, 'x.html')
    await writeFile(document, '<script>alert(1)</script>')
    await anna.locator('#file').setInputFiles(document)
    await bob.getByRole('button', { name: 'Take it' }).click()
    const save = bob.getByRole('link', { name: 'Save x.html' })
    await save.waitFor({ timeout: 60_000 })
    expect(await save.getAttribute('download')).toBe('x.html')
    expect(await bob.locator('#lines img').count()).toBe(0)
  })

  test('text of members is never executed or read as HTML', async () => {
    const { url } = await serve()
    const anna = await people.enter(url, 'anna')
    const bob = await people.enter(url, 'bob')
    const hostile = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '<svg/onload=alert(1)>',
      '"><iframe srcdoc="<script>alert(1)</script>">',
      'javascript:alert(1)',
      '&lt;b&gt; &amp;',
      '{{constructor.constructor("alert(1)")()}}',
      '</li></ol><form action=//evil.example><input name=q>',
      '$' + '{alert(1)}',
    ]
    for (const text of hostile) {
      await say(bob, text)
      await sees(anna, text)
    }
    expect(await linesOf(anna)).toEqual(hostile.map((text) => `bob: ${text}`))
    expect(
      await anna.$$eval('#lines *', (all) => [...new Set(all.map(({ tagName }) => tagName))].toSorted()),
    ).toEqual(['DIV', 'SPAN', 'TIME'])
    const name = join(folder, '<img src=x onerror=alert(1)>.txt')
    await writeFile(name, 'x')
    await bob.locator('#file').setInputFiles(name)
    await anna.getByText('bob offers <img src=x onerror=alert(1)>.txt').waitFor()
    // The content security policy also protects a page with an error.
    const ran = await anna.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.ran = true'
      document.body.append(script)
      return (globalThis as { ran?: boolean }).ran === true
    })
    expect(ran).toBe(false)
    expect(people.complaints.splice(0).every((text) => text.includes('Content Security Policy'))).toBe(true)
  })

  test('all functions can be used with the keyboard', async () => {
    const { url } = await serve()
    const page = await people.open(url)
    await page.keyboard.type('anna')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#chat:not([hidden])')
    await page.keyboard.type('only keys')
    await page.keyboard.press('Enter')
    await sees(page, 'only keys')
    const reached: string[] = []
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press('Tab')
      reached.push(await page.evaluate(() => document.activeElement?.id ?? ''))
    }
    for (const id of ['file', 'other-room', 'leave', 'lines']) expect(reached).toContain(id)
    await page.getByLabel('Another room').focus()
    await page.keyboard.type('dev')
    await page.keyboard.press('Enter')
    await expectText(page, '#room-name', 'dev')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('line')
  })

  test('axe finds no problem in the login, the room, typing, the banner, the dark theme and on a phone', async () => {
    const { url, program } = await serve()
    const login = await people.open(url)
    expect(await axeFindings(login)).toEqual([])
    const anna = await people.enter(url, 'anna')
    const dark = await people.enter(url, 'bob', { colorScheme: 'dark' })
    const phone = await people.enter(url, 'carol', { viewport: { width: 375, height: 667 } })
    for (const page of [anna, dark, phone]) await say(page, 'a line')
    await sees(phone, 'a line')
    expect(await axeFindings(anna)).toEqual([])
    await dark.getByLabel('Your line').pressSequentially('typing')
    await expectText(anna, '#typing', 'bob is typing')
    expect(await axeFindings(anna)).toEqual([])
    expect(await axeFindings(dark)).toEqual([])
    await phone.getByRole('button', { name: 'People and rooms' }).click()
    expect(await axeFindings(phone)).toEqual([])
    program.kill('SIGKILL')
    await anna.locator('#banner:not([hidden])').waitFor()
    expect(await axeFindings(anna)).toEqual([])
    expect(await axeFindings(dark)).toEqual([])
  })

  test('at twice the size, nothing is cut off sideways, and a line can be written', async () => {
    const { url } = await serve()
    // A window of 1,280 pixels at 200 %.
    const page = await people.enter(url, 'anna', {
      viewport: { width: 640, height: 360 },
      deviceScaleFactor: 2,
    })
    await say(page, 'x'.repeat(500))
    await sees(page, 'xxx')
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    await page.getByLabel('Your line').click()
    expect(await page.getByRole('button', { name: 'Send' }).isVisible()).toBe(true)
  })

  test('lines that arrive unseen are marked, and counted in the title', async () => {
    const { url } = await serve()
    const anna = await people.enter(url, 'anna')
    const bob = await people.enter(url, 'bob')
    await anna.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    })
    await say(bob, 'one')
    await say(bob, 'two')
    await sees(anna, 'two')
    expect(await anna.title()).toBe('(2) lobby – Frameport chat')
    expect(await anna.locator('#lines .unread').count()).toBe(1)
    await anna.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true })
      dispatchEvent(new Event('focus'))
    })
    expect(await anna.title()).toBe('lobby – Frameport chat')
  })

  test('older lines appear when a member scrolls up, without moving the view, to the beginning of the room', async () => {
    const { url, port } = await serve()
    const all = Array.from({ length: 115 }, (_, index) => `line ${index + 1}`)
    const bot = programs.chat('--name', 'bot', '--port', port)
    bot.write(`${all.join('\n')}\n/quit\n`)
    expect((await bot.end()).exitCode).toBe(0)
    const anna = await people.enter(url, 'anna')
    await sees(anna, 'line 115')
    const newest = all.slice(-50).map((text) => `bot: ${text}`)
    expect(await linesOf(anna)).toEqual(newest)
    const list = anna.locator('#lines')
    const topOf = (text: string) =>
      anna
        .locator('#lines .line', { hasText: new RegExp(`: ${text}$`) })
        .evaluate((row) => row.getBoundingClientRect().top)

    const top = await list.evaluate((element) => {
      element.scrollTo({ top: 1, behavior: 'instant' })
      return element.children[4]?.getBoundingClientRect().top ?? 0
    })
    await until(async () => (await linesOf(anna)).length === 100)
    expect(Math.abs((await topOf('line 70')) - top)).toBeLessThan(3)
    await say(anna, 'said meanwhile')
    await sees(anna, 'said meanwhile')
    expect(Math.abs((await topOf('line 70')) - top)).toBeLessThan(3)

    await list.focus()
    await anna.keyboard.press('Home')
    await until(async () => (await linesOf(anna)).length === 116)
    await list.evaluate((element) => element.scrollTo({ top: 0, behavior: 'instant' }))
    expect(await list.locator('> div').first().textContent()).toBe('This is the beginning of lobby.')
    expect(await linesOf(anna)).toEqual([...all.map((text) => `bot: ${text}`), 'anna: said meanwhile'])

    await anna.getByLabel('Another room').fill('dev')
    await anna.getByLabel('Another room').press('Enter')
    await list.getByText('This is the beginning of dev.').waitFor({ timeout: 60_000 })
    expect(await linesOf(anna)).toEqual([])
  })

  test('a taken name and a missing server are reported', async () => {
    const { url, program } = await serve()
    await people.enter(url, 'anna')
    const other = await people.open(url)
    await other.getByLabel('Your name').fill('Anna')
    await other.getByRole('button', { name: 'Enter' }).click()
    await other.getByRole('alert').getByText('is taken').waitFor()
    program.kill('SIGKILL')
    await program.exited
    await other.getByRole('button', { name: 'Enter' }).click()
    await other.getByRole('alert').getByText('does not answer').waitFor({ timeout: 60_000 })
  })

  async function expectText(page: Parameters<typeof say>[0], selector: string, text: string): Promise<void> {
    const shown = await until(async () => (await page.textContent(selector))?.includes(text) === true)
    expect(shown).toBe(true)
  }
})

/** A picture of one pixel (PNG, ISO 15948). */
function onePixel(): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from([0, 255, 0, 0]))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function crc32(bytes: Buffer): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
  }
  return (crc ^ 0xffff_ffff) >>> 0
}
