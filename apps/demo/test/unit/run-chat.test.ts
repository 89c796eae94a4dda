import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import type { Streams } from '../../src/terminal/chat-run.ts'
import type { ChatOptions } from '../../src/terminal/options.ts'
import { runChat } from '../../src/terminal/run-chat.ts'
import { readScript } from '../../src/terminal/script-file.ts'

/** Valid options. The run fails before it uses the port. */
const fine: ChatOptions = {
  name: 'guest',
  room: 'lobby',
  host: '127.0.0.1',
  port: 1,
  saveTo: '.',
  reconnectFor: 300,
}

async function refused(options: Partial<ChatOptions>) {
  const errors = new PassThrough({ encoding: 'utf8' })
  const streams = { input: new PassThrough(), output: new PassThrough(), errors } as unknown as Streams
  const exitCode = await runChat({ ...fine, ...options }, streams)
  return { exitCode, sentence: String(errors.read()).trimEnd() }
}

describe('A run that cannot start', () => {
  test.each<[Partial<ChatOptions>, string]>([
    [{ name: '' }, 'A name must have at least one character'],
    [{ name: 'n'.repeat(10_000) }, 'this one has 10,000'],
    [{ name: '\u001b]0;title\u0007' }, 'U+001B at character 1'],
    [{ name: '\u202eeve' }, 'U+202E at character 1'],
    [{ name: 'two words' }, 'must not contain spaces'],
    [{ room: '' }, 'A room must have at least one character'],
    [{ room: 'r'.repeat(limits.roomCharactersMax + 1) }, 'A room may have at most 32 characters'],
    [{ script: 'no-such-file' }, 'There is no script file no-such-file'],
    [{ script: '/' }, '/ is a folder, not a script file'],
    [{ script: 'a\u0000b' }, 'The script file a<U+0000>b cannot be read'],
    [{}, 'No chat server answers at tcp://127.0.0.1:1. Start one with: npm start -- --port 1'],
  ])('ends with one sentence and exit code 1 for %j', async (options, part) => {
    const { exitCode, sentence } = await refused(options)
    expect(exitCode).toBe(1)
    expect(sentence).toContain(part)
    expect(sentence).toMatch(/^Frameport chat: [^\n]*$/)
  })
})

describe('A server that does not start a chat', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['says nothing', () => {}, 'accepted the connection but did not start a chat'],
    ['ends at once', (socket) => socket.end(), 'accepted the connection but did not start a chat'],
    [
      'resets',
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      'broke before the chat started',
    ],
    ['speaks HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'looks like an HTTP server'],
  ])('is reported in one sentence if it %s', async (_how, answer, part) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      answer(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { exitCode, sentence } = await refused({ port })
    server.close()
    expect(exitCode).toBe(1)
    expect(sentence).toContain(part)
    expect(sentence).toMatch(/^Frameport chat: [^\n]*$/)
  })
})

describe('A script file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frameport-script-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const script = async (content: string | Uint8Array) => {
    const path = join(folder, 'script.txt')
    await writeFile(path, content)
    return await readScript(path)
  }

  test('gives its lines, with LF or CRLF, with or without a last line end, and without a byte order mark', async () => {
    expect(await script('one\ntwo\n')).toEqual({ lines: ['one', 'two'] })
    expect(await script('\ufeffone\r\n\r\ntwo')).toEqual({ lines: ['one', '', 'two'] })
    expect(await script('')).toEqual({ lines: [] })
  })

  test('is read at its size limit, and refused if it is one byte longer or endless', async () => {
    expect(await script('x'.repeat(limits.scriptBytesMax))).toHaveProperty('lines.length', 1)
    expect(await script('x'.repeat(limits.scriptBytesMax + 1))).toHaveProperty('fault')
    expect(await readScript('/dev/zero')).toHaveProperty('fault')
  })

  test('is refused if it is not text', async () => {
    expect(await script(new Uint8Array([0x80, 0xff]))).toMatchObject({
      fault: expect.stringContaining('UTF-8'),
    })
  })
})
