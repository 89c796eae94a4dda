import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@frameport/client'
import { type EventBus, type EventHistory, memoryEventLog, type Server } from '@frameport/server'
import { pino } from 'pino'
import { vi } from 'vitest'
import { chat } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import { transcriptRow } from '../../src/member/entry.ts'
import { Member } from '../../src/member/member.ts'
import type { ChatService } from '../../src/server/chat-service.ts'
import { openPeerServer, type PeerServer } from '../../src/server/peers/peer-server.ts'
import { createChatServer } from '../../src/server/start-server.ts'
import type { TerminalMember } from '../../src/terminal/chat-run.ts'
import { MemberFiles } from '../../src/terminal/files/member-files.ts'
import { Transcript } from '../../src/terminal/transcript.ts'
import { CutProxy } from './cut-proxy.ts'
import { ManualClock } from './manual-clock.ts'

const logger = pino({ level: 'silent' })

/** The maximum time for an expected event on a busy machine. */
const patienceMs = 20_000

/** A member without a screen: the rows that it was shown, and its client. */
export interface TestMember {
  readonly member: TerminalMember
  readonly client: Client<typeof chat>
  readonly rows: string[]
  readonly folder: string
  /** Waits for a row that contains this text, after the last row found. */
  sees(text: string): Promise<void>
}

/** A chat over loopback whose time a test advances, and a folder for its files. */
export class ChatRoom {
  readonly clock = new ManualClock()
  readonly folder: string
  /** Survives the servers of the room. */
  log: EventHistory
  url = ''
  server: Server
  service: ChatService
  /** Connects other rooms of the same chat. */
  readonly #bus: EventBus | undefined
  #peers: PeerServer | undefined
  readonly #clients: Client<typeof chat>[] = []
  readonly #members: TerminalMember[] = []
  #proxy: CutProxy | undefined

  constructor(folder: string, log: EventHistory, bus?: EventBus) {
    this.folder = folder
    this.log = log
    this.#bus = bus
    const { server, service } = this.#made()
    this.server = server
    this.service = service
  }

  /**
   * @param log keeps lines and members, also across restarts of the server
   * @param bus connects the other servers of the chat, which share the log
   */
  static async open(log: EventHistory = memoryEventLog(), bus?: EventBus): Promise<ChatRoom> {
    const room = new ChatRoom(await mkdtemp(join(tmpdir(), 'frameport-files-')), log, bus)
    await room.#start()
    room.url = (await room.server.listen('tcp://127.0.0.1:0')).url
    return room
  }

  /** A room with two members who know each other. */
  static async withTwo(): Promise<{ room: ChatRoom; anna: TestMember; bob: TestMember }> {
    const room = await ChatRoom.open()
    return { room, ...(await room.enterTwo(room.url, room.url)) }
  }

  /** The same, but the members in `cut` connect through a proxy that a test can cut. */
  static async withCuts(
    cut: 'both' | 'bob',
  ): Promise<{ room: ChatRoom; proxy: CutProxy; anna: TestMember; bob: TestMember }> {
    const room = await ChatRoom.open()
    const proxy = await CutProxy.open(() => Number(new URL(room.url.replace('tcp:', 'http:')).port))
    room.#proxy = proxy
    const way = `tcp://127.0.0.1:${proxy.port}`
    return { room, proxy, ...(await room.enterTwo(cut === 'both' ? way : room.url, way)) }
  }

  /** Lets anna and bob enter, and waits until anna knows bob. */
  async enterTwo(urlOfAnna: string, urlOfBob: string): Promise<{ anna: TestMember; bob: TestMember }> {
    const anna = await this.enter('anna', urlOfAnna)
    const bob = await this.enter('bob', urlOfBob)
    await anna.sees('bob joined')
    return { anna, bob }
  }

  client(options: { readonly auth?: string } = {}): Client<typeof chat> {
    const client = createClient(chat, this.url, { backend: 'net', onSubscribeFailed: () => {}, ...options })
    this.#clients.push(client)
    return client
  }

  /** Lets a member enter the lobby. */
  async enter(name: string, url = this.url): Promise<TestMember> {
    const present: { member?: TerminalMember } = {}
    const client = createClient(chat, url, {
      backend: 'net',
      auth: `the token of ${name}`.padEnd(40, '_').replaceAll(' ', '_'),
      onStateChange: ({ state }) => {
        if (state === 'reconnecting') present.member?.lost()
      },
      onSession: (start) => {
        if (!start.isFirst) present.member?.back(start)
      },
      onEventGap: (missed) => present.member?.missed(missed),
      onSubscribeFailed: () => {},
    })
    this.#clients.push(client)
    const rows: string[] = []
    const transcript = new Transcript()
    const folder = await mkdtemp(join(this.folder, `${name}-`))
    const member = new Member({
      client,
      name,
      show(entry) {
        rows.push(transcriptRow(entry))
        transcript.add(transcriptRow(entry))
      },
      changed: () => {},
      statusAsNotices: false,
      files: (facts) =>
        new MemberFiles({ ...facts, folder: this.folder, saveTo: folder, progressAsNotice: false }),
    })
    present.member = member
    this.#members.push(member)
    const fault = await member.join('lobby')
    if (fault !== undefined) throw new Error(fault)
    return {
      member,
      client,
      rows,
      folder,
      async sees(text) {
        const found = await transcript.expect(text, AbortSignal.timeout(patienceMs))
        if (!found) throw new Error(`${name} did not see "${text}":\n${rows.join('\n')}`)
      },
    }
  }

  /** Ends the server immediately, and starts another one at the same address, with the same lines and members. */
  async restart(): Promise<void> {
    await this.#end()
    const { server, service } = this.#made()
    this.server = server
    this.service = service
    await this.#start()
    await this.server.listen(this.url)
  }

  async file(name: string, content: Uint8Array | string): Promise<string> {
    await writeFile(join(this.folder, name), content)
    return name
  }

  async close(): Promise<void> {
    for (const member of this.#members) member.stopWaiting()
    await Promise.all(this.#clients.map((client) => client.$close({ graceMs: 0 })))
    await this.#end()
    // Handlers stop a little after their connections. The tests themselves check what may not remain.
    const isQuiet = () => this.clock.timers === 0 && this.service.offers.count === 0
    await vi.waitUntil(isQuiet, patienceMs).catch(() => undefined)
    await this.#proxy?.close()
    await rm(this.folder, { recursive: true })
  }

  #made() {
    const options = {
      membersMax: limits.roomMembersMax,
      backend: 'net',
      log: this.log,
      bus: this.#bus,
    } as const
    return createChatServer(options, logger, this.clock)
  }

  async #start(): Promise<void> {
    const { clock, service } = this
    const where = { listenHost: '127.0.0.1', host: '127.0.0.1', backend: 'net', clock, log: logger } as const
    this.#peers = this.#bus && (await openPeerServer(service.offers, where))
    await service.start(this.#peers?.address)
  }

  async #end(): Promise<void> {
    await this.service.close()
    await Promise.all([this.server.close({ graceMs: 0 }), this.#peers?.close()])
  }
}
