import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@frameport/client'
import { probe } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const echo = contract('echo', {
  version: 1,
  procedures: { say: procedure({ input: z.string(), output: z.string() }) },
})
const handlers = implement(echo).handlers({ say: ({ input }) => input })

interface Line {
  readonly level: string
  readonly facts: object
  readonly text: string
}

function loggedServer(backend: ReturnType<typeof probe>[number]['backend']) {
  const log: Line[] = []
  const at = (level: string) => (facts: object, text: string) => void log.push({ level, facts, text })
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { server: createServer(handlers, { backend, log: logger }), log }
}

const backends = process.platform === 'win32' ? [] : probe().filter(({ available }) => available)

describe.each(backends)('A server at a Unix path, on $backend,', ({ backend }) => {
  it('has the requested mode, and keeps its path when a second server requests it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'frameport-server-'))
    const path = join(folder, 'echo.sock')
    const url = `unix:${path}`
    const first = loggedServer(backend)
    const second = loggedServer(backend)
    const listener = await first.server.listen(url, { unixMode: 0o600 })
    expect([listener.url, listener.urls, statSync(path).mode & 0o777]).toEqual([url, [url], 0o600])
    await expect(second.server.listen(url)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    const client = createClient(echo, url, { backend })
    expect(await client.say('still here')).toBe('still here')
    await client.$close()
    await Promise.all([first.server.close(), second.server.close()])
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
    // The second server connected and disconnected without a message, which is not worth a warning.
    expect(first.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  })
})
