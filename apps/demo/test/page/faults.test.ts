import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { createClient } from '@frameport/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { chat } from '../../src/chat-contract.ts'
import { chromiumPath, linesOf, People, say, sees, withoutBrowser } from '../support/browser.ts'
import { CutProxy } from '../support/cut-proxy.ts'
import { Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'

const title = chromiumPath === undefined ? `what goes wrong (skipped: ${withoutBrowser})` : 'what goes wrong'

describe.skipIf(chromiumPath === undefined)(title, { timeout: 240_000 }, () => {
  const programs = new Programs()
  const ends: (() => Promise<unknown>)[] = []
  let people: People

  beforeAll(async () => {
    people = await People.arrive()
  }, 120_000)
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    await programs.endAll()
    expect(people.complaints.splice(0)).toEqual([])
  })
  afterAll(() => people.leave())

  const serve = async () => {
    const { pageUrl, port, program } = await startServer(programs, '--page-port', '0')
    return { url: pageUrl as string, port, program }
  }
  const pageThrough = async (target: () => string) => {
    const proxy = await CutProxy.open(() => Number(new URL(target()).port))
    ends.push(() => proxy.close())
    return { proxy, through: `http://127.0.0.1:${proxy.port}/` }
  }

  test('a member who cannot return learns the reason once, and the page stays ended', async () => {
    let { url, program } = await serve()
    const { proxy, through } = await pageThrough(() => url)
    const anna = await people.enter(through, 'anna')
    await say(anna, 'said before')
    await sees(anna, 'said before')
    proxy.cut()
    await anna.locator('#banner', { hasText: 'reconnecting' }).waitFor()
    await say(anna, 'said while away')
    await anna.getByLabel('Your line').fill('half typed')
    program.kill('SIGKILL')
    await program.exited
    // The new server knows no members, so the name goes to the first client that requests it.
    ;({ url, program } = await serve())
    await people.enter(url, 'Anna')
    proxy.mend()
    const banner = anna.locator('#banner')
    await banner.getByText('You cannot return to the chat. The name anna is taken: try anna2.').waitFor({
      timeout: 60_000,
    })
    const said = await banner.textContent()
    // Each second of the outage had updated the banner, and so had focusing the window.
    await anna.evaluate(() => dispatchEvent(new Event('focus')))
    await anna.locator('#lines .fault', { hasText: 'This line was not sent: said while away' }).waitFor()
    proxy.cut()
    const { arrived } = proxy
    const seen = await anna.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const banner = document.querySelector('#banner') as HTMLElement
          const all: string[] = []
          new MutationObserver(() => all.push(`${banner.hidden} ${banner.textContent}`)).observe(banner, {
            attributes: true,
            childList: true,
            characterData: true,
            subtree: true,
          })
          setTimeout(() => resolve(all), 2_500)
        }),
    )
    expect(seen).toEqual([])
    expect(await banner.isVisible()).toBe(true)
    expect(await banner.textContent()).toBe(said)
    expect(said).toContain('Reload the page to come back.')
    const line = anna.getByLabel('Your line')
    expect(await line.inputValue()).toBe('half typed')
    expect(await line.isEditable()).toBe(false)
    expect(await anna.getByRole('button', { name: 'Send' }).isEnabled()).toBe(false)
    expect(await anna.getByLabel('Another room').isEnabled()).toBe(false)
    expect(await linesOf(anna)).toEqual(['anna: said before'])
    // The client is closed, and no longer connects.
    expect(proxy.arrived).toBe(arrived)
  })

  test('the result of a received file stays on the page, however long its call continues', async () => {
    const { url, port } = await serve()
    const through = await farAway(Number(new URL(url).port), 400)
    const anna = await people.enter(through, 'anna')
    const client = createClient(chat, `tcp://127.0.0.1:${port}`, { backend: 'net', auth: 'x'.repeat(24) })
    ends.push(() => client.$close({ graceMs: 0 }))
    await client.rooms.join({ name: 'eve', room: 'lobby' })
    const body = new Uint8Array(200_000).fill(7)
    const sum = createHash('sha256').update(body).digest()
    // The third file only ensures that the calls of the two before it have ended, because messages arrive in order.
    for (const checksum of [new Uint8Array(32), new Uint8Array(sum), new Uint8Array(sum)]) {
      async function* chunks() {
        for (let at = 0; at < body.length; at += 50_000) yield body.subarray(at, at + 50_000)
        yield checksum
      }
      const offered = (async () => {
        for await (const _ of client.files.offer({ name: 'x.bin', bytes: body.length }, chunks())) {
          // The page shows the result.
        }
      })()
      await anna.getByRole('button', { name: 'Take it' }).click({ timeout: 60_000 })
      await offered
    }
    const cards = anna.locator('.card')
    await cards.nth(2).getByText('and the checksum is right').waitFor({ timeout: 60_000 })
    expect(await cards.nth(0).textContent()).toContain('The checksum is wrong')
    expect(await cards.nth(0).getByRole('progressbar').isVisible()).toBe(false)
    expect(await cards.nth(1).textContent()).toContain('and the checksum is right')
    expect(await cards.nth(1).getByRole('progressbar').isVisible()).toBe(false)
  })

  test('after a name that was taken, the list of people can be opened on a phone', async () => {
    const { url } = await serve()
    const anna = await people.enter(url, 'anna')
    const phone = await people.open(url, { viewport: { width: 375, height: 667 } })
    const enter = async (name: string) => {
      await phone.getByLabel('Your name').fill(name)
      await phone.getByRole('button', { name: 'Enter' }).click()
    }
    await enter('anna')
    await phone.getByText('The name anna is taken: try anna2.').waitFor()
    await enter('bob')
    await phone.waitForSelector('#chat:not([hidden])')
    await phone.evaluate(() => dispatchEvent(new Event('focus')))
    expect(await phone.textContent('#room-name')).toBe('lobby')
    const opener = phone.getByRole('button', { name: 'People and rooms' })
    await opener.click()
    expect(await opener.getAttribute('aria-expanded')).toBe('true')
    expect(await phone.getByText('bob (you)').isVisible()).toBe(true)
    // It also stays open while another member types.
    await anna.getByLabel('Your line').pressSequentially('half a li')
    await until(async () => (await phone.textContent('#typing'))?.includes('anna is typing'))
    expect(await opener.getAttribute('aria-expanded')).toBe('true')
    await opener.click()
    expect(await opener.getAttribute('aria-expanded')).toBe('false')
  })

  test('a room that cannot be entered keeps the lines of the earlier room, and another room replaces them', async () => {
    const { url } = await serve()
    const anna = await people.enter(url, 'anna')
    await say(anna, 'said in the lobby')
    await sees(anna, 'said in the lobby')
    const go = async (room: string) => {
      await anna.getByLabel('Another room').fill(room)
      await anna.getByRole('button', { name: 'Join' }).click()
    }
    await go('bad room!')
    await until(async () => (await anna.textContent('#join-fault')) !== '')
    expect(await linesOf(anna)).toEqual(['anna: said in the lobby'])
    await go('dev')
    await anna.locator('#lines', { hasText: 'anna joined dev' }).waitFor()
    expect(await linesOf(anna)).toEqual([])
    expect(await anna.textContent('#join-fault')).toBe('')
  })

  test('leaving is quick, even if the connection is lost or the server is stopped', async () => {
    const { url, program } = await serve()
    const { proxy, through } = await pageThrough(() => url)
    const [anna, bob] = [await people.enter(through, 'anna'), await people.enter(url, 'bob')]
    const leave = async (page: typeof anna) => {
      const began = performance.now()
      await page.getByRole('button', { name: 'Leave the chat' }).click()
      await page.locator('#banner', { hasText: 'You have left the chat.' }).waitFor()
      expect(performance.now() - began).toBeLessThan(2_500)
      expect(await page.getByLabel('Your line').isEditable()).toBe(false)
    }
    proxy.cut()
    await anna.locator('#banner', { hasText: 'reconnecting' }).waitFor()
    await leave(anna)
    program.kill('SIGSTOP')
    await leave(bob)
    program.kill('SIGCONT')
  })

  /** The page over a network with this latency in each direction. */
  async function farAway(port: number, ms: number): Promise<string> {
    const sockets = new Set<Socket>()
    const late = (from: Socket, to: Socket) => {
      sockets.add(from)
      from.on('data', (chunk) => setTimeout(() => to.write(chunk), ms))
      from.on('close', () => to.destroy())
      from.on('error', () => {})
    }
    const server = createServer((from) => {
      const to = connect(port, '127.0.0.1')
      late(from, to)
      late(to, from)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ends.push(async () => {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
})
