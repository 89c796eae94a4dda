import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { describeWithNats, NatsServer } from '../../../../tests/support/nats-server.ts'
import { until } from '../../../../tests/support/until.ts'
import { readServerOptions, type ServerOptions } from '../../src/server/options.ts'
import { type RunningChat, startChatServer } from '../../src/server/start-server.ts'
import { Guest } from '../support/crowd.ts'

vi.setConfig({ testTimeout: 120_000 })

let nats: NatsServer
let chats: RunningChat[] = []
let guests: Guest[] = []
/** The log lines of the servers. */
let logged: { level: number; msg: string }[] = []

beforeEach(() => {
  logged = []
})

afterEach(async () => {
  await Promise.all(guests.map((guest) => guest.leave()))
  await Promise.all(chats.map((chat) => chat.close()))
  guests = []
  chats = []
  await nats.close()
})

async function start(address: string, ...args: string[]): Promise<RunningChat> {
  const options: ServerOptions = readServerOptions([
    'node',
    'main.ts',
    ...['--port', '0', '--no-page', '--backend', 'net', '--nats', address],
    ...args,
  ])
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const chat = await startChatServer(options, pino({ level: 'debug' }, stream))
  chats.push(chat)
  return chat
}

function guest(name: string, { url }: RunningChat): Guest {
  const one = new Guest(name, 'lobby', [url])
  guests.push(one)
  return one
}

const warnings = () => logged.filter(({ level }) => level >= 40).map(({ msg }) => msg)

describeWithNats('a chat at a NATS server', () => {
  test('reports where lines are kept, without the password, and where other servers receive files', async () => {
    nats = await NatsServer.start('authorization { user: anna, password: "s@cret" }')
    const { port } = nats
    const { place, peers } = await start(`nats://anna:s%40cret@127.0.0.1:${port}`)
    expect(place).toBe(`by the NATS server nats://127.0.0.1:${port}, which connects the servers of this chat`)
    expect(peers.join()).toMatch(/^Other servers get files from this one at 127\.0\.0\.1, port \d+\.$/)
  })

  test('listens for other servers at the given port, or reports that it is in use', async () => {
    nats = await NatsServer.start()
    const first = await start(nats.url)
    const port = /port (\d+)/.exec(first.peers.join())?.[1] ?? ''
    await expect(start(nats.url, '--peer-port', port)).rejects.toThrow(
      `port ${port}, at which other servers get files, is in use. Choose another one with --peer-port.`,
    )
    await first.close()
    chats = []
    const second = await start(nats.url, '--peer-port', port)
    expect(second.peers.join()).toContain(`port ${port}.`)
  })

  test('that requires a password reports that, for a missing and for a wrong password', async () => {
    nats = await NatsServer.start('authorization { user: anna, password: secret }')
    const { port } = nats
    await expect(start(`127.0.0.1:${port}`)).rejects.toThrow(
      /cannot be used: .*authori.* It asks for a password or a token: --nats nats:\/\/USER:PASSWORD/i,
    )
    await expect(start(`anna:guess@127.0.0.1:${port}`)).rejects.toThrow(
      /cannot be used: .*authori.* Check the user and the password/i,
    )
  })

  test('that is missing reports the failure of the last attempt', async () => {
    nats = await NatsServer.start()
    const { port } = nats
    await nats.kill()
    await expect(start(`127.0.0.1:${port}`)).rejects.toThrow(
      /127\.0\.0\.1:\d+ cannot be used: .*refused.* Check the address of --nats, and that nats-server runs there\.$/i,
    )
  })

  test('logs once when it fails and once when it works again, whatever waits meanwhile, and a newcomer sees the reason', async () => {
    nats = await NatsServer.start()
    const chat = await start(nats.url)
    const anna = guest('anna', chat)
    await anna.enter()
    await nats.kill()
    await until(() => warnings().length > 0)
    const said = anna.say('meanwhile')
    const bob = guest('bob', chat)
    const entered = bob.enter()
    await until(() => bob.notices.some((notice) => notice.includes('tries again for 30 s')))
    const refusals = () => logged.filter(({ msg }) => msg === 'could not join')
    await until(() => refusals().length >= 2)
    await nats.start()
    await Promise.all([said, entered])
    expect(warnings()).toEqual(['the NATS server cannot be reached: lines wait, and nobody can join'])
    expect(logged.filter(({ msg }) => msg === 'the NATS server is back')).toHaveLength(1)
    expect(refusals().every(({ level }) => level === 20)).toBe(true)
    expect(bob.notices.filter((notice) => notice.includes('tries again for'))).toHaveLength(1)
  })
})
