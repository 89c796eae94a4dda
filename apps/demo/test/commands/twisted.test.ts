import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import { probe } from '@frameport/iocp-core'
import { afterEach, describe, expect, it } from 'vitest'
import { finished, runCommand, startCommand } from './run-command.ts'

const python = '/usr/bin/python3'
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const peer = fileURLToPath(new URL('../../../../../shared/peers/twisted/peer', import.meta.url))

/** The reason why the independent peer cannot run here, or undefined. */
function peerMissing(): string | undefined {
  if (!existsSync(peer)) return 'the peer beside the repository (shared/peers/twisted) is not there'
  if (spawnSync(python, ['-c', 'import twisted']).status === 0) return undefined
  return `${python} has no twisted: install python3-twisted`
}

const missing = peerMissing()
const required = process.env.FRAMEPORT_REQUIRE_TWISTED === '1'
const backends = probe()
  .filter(({ available }) => available)
  .map(({ backend }) => backend)

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Settles with the port in the first line of the output. */
async function listening(child: ChildProcess): Promise<{ port: string; line: string }> {
  children.push(child)
  const ended = finished(child)
  const line = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    void ended.then(({ stderr }) => reject(new Error(`the server ended: ${stderr}`)))
  })
  return { port: line.split(' ')[1] ?? '', line }
}

function startPeer(...args: readonly string[]): ChildProcess {
  return spawn(python, [peer, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Writes bytes to a port, and settles with the number of bytes that arrive before the server closes the connection. */
function writeAndWait(port: string, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve) => {
    let received = 0
    const socket = createConnection(Number(port), '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => {
      received += chunk.length
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(received))
  })
}

const allPassed = { code: 0, stdout: '391 passed, 0 failed\n', stderr: '' }

describe('The independent peer', () => {
  it.skipIf(missing !== undefined && !required)(`is installed (otherwise: ${missing ?? 'it is'})`, () => {
    expect(missing).toBeUndefined()
  })
})

describe.each(backends)('Echo over %s', (backend) => {
  const server = (...args: readonly string[]) =>
    listening(startCommand('echo', ['server', '0', '--backend', backend, ...args]))

  it('prints its port and back end, and answers our own client', async () => {
    const { port, line } = await server()
    expect(line).toMatch(new RegExp(`^listening [1-9]\\d* backend=${backend}$`))
    expect(await runCommand('echo', 'client', '127.0.0.1', port, '--backend', backend)).toEqual(allPassed)
  })

  it.skipIf(missing !== undefined)('answers the Twisted client', async () => {
    const { port } = await server()
    expect(await finished(startPeer('client', '127.0.0.1', port))).toEqual(allPassed)
  })

  it.skipIf(missing !== undefined)('receives answers of the Twisted server', async () => {
    const { port } = await listening(startPeer('server', '0'))
    expect(await runCommand('echo', 'client', '127.0.0.1', port, '--backend', backend)).toEqual(allPassed)
  })

  it('disconnects a client that sends garbage or too much, logs the reason, and answers the others', async () => {
    const child = startCommand('echo', ['server', '0', '--backend', backend, '--max-frame', '1000'])
    const { port } = await listening(child)
    let log = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    expect(await writeAndWait(port, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe(0)
    expect(await writeAndWait(port, Buffer.from('160301ffff', 'hex'))).toBe(0)
    expect(await writeAndWait(port, Buffer.from('000003e9', 'hex'))).toBe(0)
    const client = ['client', '127.0.0.1', port, '--max-frame', '1000', '--count', '5']
    expect((await runCommand('echo', ...client)).stdout).toMatch(/^\d+ passed, 0 failed\n$/)
    const logged = () => log
    await expect.poll(logged).toMatch(/FRAME_TOO_LONG.*reads like HTTP/)
    await expect.poll(logged).toMatch(/FRAME_TOO_LONG.*a TLS hello/)
    await expect
      .poll(logged)
      .toMatch(/FRAME_TOO_LONG: The peer announced a frame of 1001 bytes, and the limit is 1000/)
  })
})

const burstFrames = 1024
const burstPayload = Buffer.alloc(64 * 1024, 'frame')

/** Writes 64 MiB of frames without reading until the server stops accepting data, then reads everything back. */
async function burst(port: string): Promise<{ stalled: boolean; echoed: number; differs: boolean }> {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(burstPayload.length)
  const frame = Buffer.concat([header, burstPayload])
  const socket = createConnection({ port: Number(port), host: '127.0.0.1' })
  socket.pause()
  let stalled = false
  let echoed = 0
  let differs = false
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const offset = (echoed + at) % frame.length
      const length = Math.min(chunk.length - at, frame.length - offset)
      if (chunk.compare(frame, offset, offset + length, at, at + length) !== 0) differs = true
      at += length
    }
    echoed += chunk.length
  })
  for (let sent = 0; sent < burstFrames; sent += 1) {
    if (socket.write(frame)) continue
    const drained = new Promise((resolve) => socket.once('drain', resolve))
    // Only a wait can show that nothing more is accepted.
    const patience = new Promise((resolve) => setTimeout(resolve, 500, 'stalled'))
    if (!stalled && (await Promise.race([drained, patience])) === 'stalled') {
      stalled = true
      socket.resume()
    }
    await drained
  }
  socket.end()
  await new Promise((resolve) => socket.once('close', resolve))
  return { stalled, echoed, differs }
}

describe.each(backends)('An echo server over %s whose client does not read', (backend) => {
  it('stops reading instead of using memory, and continues later', async () => {
    const { port } = await listening(startCommand('echo', ['server', '0', '--backend', backend]))
    const echoed = burstFrames * (burstPayload.length + 4)
    expect(await burst(port)).toEqual({ stalled: true, echoed, differs: false })
  })
})

describe('The echo client', () => {
  it('reports a missing server as a failure, with a sentence', async () => {
    const { port } = await listening(startCommand('echo', ['server', '0']))
    const gone = children.pop()
    const ended = new Promise((resolve) => gone?.once('close', resolve))
    gone?.kill('SIGKILL')
    await ended
    const result = await runCommand('echo', 'client', '127.0.0.1', port)
    expect(result).toMatchObject({ code: 1, stdout: '0 passed, 1 failed\n' })
    expect(result.stderr).toMatch(/^connect: .*127\.0\.0\.1/)
  })

  it('reports missing echoes as failures', async () => {
    const { port } = await listening(startCommand('echo', ['server', '0', '--max-frame', '65535']))
    const result = await runCommand('echo', 'client', '127.0.0.1', port)
    expect(result).toMatchObject({ code: 1, stdout: '10 passed, 1 failed\n' })
    expect(result.stderr).toContain('1 echoes outstanding')
  })

  it.each([
    ['an invalid port', ['server', '70000'], 'It must be an integer from 0 to 65535'],
    ['an unknown back end', ['server', '0', '--backend', 'kqueue'], 'Allowed choices are'],
    ['an invalid limit', ['server', '0', '--max-frame', '-1'], '--max-frame'],
  ])('and the server refuse %s', async (_name, args, text) => {
    const result = await runCommand('echo', ...args)
    expect(result.code).toBe(1)
    expect(result.stderr).toContain(text)
  })

  it('and the server explain in a sentence why a back end is unavailable, and exit with 1', async () => {
    const elsewhere = process.platform === 'win32' ? 'epoll' : 'iocp'
    for (const args of [
      ['server', '0'],
      ['client', '127.0.0.1', '1'],
    ]) {
      const result = await runCommand('echo', ...args, '--backend', elsewhere)
      expect(result).toMatchObject({ code: 1, stdout: '' })
      expect(result.stderr).toMatch(new RegExp(`^BACKEND_UNAVAILABLE: ${elsewhere}: .* only: .*\\.\n$`))
    }
  })

  it.each(backends)('and the server run as npm commands over %s', async (backend) => {
    const npm = (...args: readonly string[]) =>
      spawn('npm', ['run', '-s', 'echo', '--', ...args, '--backend', backend], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        // A process group, because npm does not pass on every signal to the server.
        detached: true,
      })
    const child = npm('server', '0')
    try {
      const { port, line } = await listening(child)
      expect(line).toBe(`listening ${port} backend=${backend}`)
      expect(await finished(npm('client', '127.0.0.1', port, '--count', '5'))).toMatchObject({ code: 0 })
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    }
  })
})
