import { type ServerDifference, safe } from '@frameport/client'
import { contract, event, procedure, type RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { differing, implementation, Name, served, Text } from './evolution/differing-pair.ts'
import { startedPair } from './started-pair.ts'

function watchConsole() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  return () => warn.mock.calls.map(([text]) => String(text))
}

const brief = ({ kind, member, place, outcome }: ServerDifference) => `${kind} ${member}/${place} ${outcome}`

describe('$connection.differences()', () => {
  it('lists each differing place of procedures and events, with its effect on the client', async () => {
    const { client, run, close } = await differing('places')
    const found = await run(client.$connection.differences())
    expect(found?.map(brief)).toEqual([
      'procedure put/input.nick loses',
      'procedure put/output.age fails',
      'procedure put/errors.GONE loses',
      'procedure watch/items.age fails',
      'event news/payload.at fails',
      'event own/payload.at fails',
    ])
    await close()
  })

  it('is empty for equal contracts, without a request to the server', async () => {
    const made = served('equal')
    const { client, run, close, log } = await startedPair(made, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
    })
    expect(await run(client.$connection.differences())).toEqual([])
    expect(log.filter(({ text }) => text.includes('another state'))).toEqual([])
    expect(await run(client.same({ name: 'a' }))).toEqual({ name: 'a' })
    await close()
  })

  it('is undefined if the client was closed before it was connected', async () => {
    const { client, run, close } = await differing('closed')
    const found = client.$connection.differences()
    await run(client.$close())
    expect(await run(found)).toBeUndefined()
    await close()
  })

  it('names the version that the server serves instead of the requested one', async () => {
    const made = served('versioned')
    const later = contract('versioned', { version: 7, procedures: { put: procedure({}) } })
    const { client, run, close } = await startedPair(later, implementation(made), {
      server: { authorizeSubscribe: () => true } as never,
      client: { onContractDifferences: () => undefined },
    })
    const found = await run(client.$connection.differences())
    expect(found).toMatchObject(
      [{ kind: 'contract', outcome: 'fails', text: /version 1$/ }].map((one) => ({
        ...one,
        text: expect.stringMatching(one.text),
      })),
    )
    const { error } = await run(safe(client.$connection.opened()))
    expect(error).toMatchObject({ code: 'UNIMPLEMENTED' })
    expect(error?.message).toContain('it serves version 1.')
    await close()
  })
})

describe('The report of differences', () => {
  it('is one line on the console for all clients of a process, without harmless differences', async () => {
    const lines = watchConsole()
    for (let client = 0; client < 2; client++) {
      const pair = await differing('console', { client: { onContractDifferences: undefined } })
      await pair.run(pair.client.$connection.differences())
      await pair.close()
    }
    expect(lines()).toEqual([
      'frameport: contract console of the server at memory: differs from that of this client: ' +
        'input.nick of put is not known to the server, which drops it; ' +
        'output.age of put is required by this client, but not known to the server; ' +
        'items.age of watch is required by this client, but not known to the server; ' +
        'payload.at of news is required by this client, but not known to the server; ' +
        'payload.at of own is required by this client, but not known to the server. ' +
        'client.$connection.differences() lists all differences; onContractDifferences replaces this warning.',
    ])
  })

  it('is not written to the console if answers only gain members', async () => {
    const lines = watchConsole()
    const before = contract('adding', { version: 1, procedures: { get: procedure({ output: Name }) } })
    const after = contract('adding', {
      version: 1,
      procedures: {
        get: procedure({ output: Name.extend({ age: z.number() }), errors: { GONE: Name } }),
        put: procedure({}),
      },
      events: { news: event(Text) },
    })
    const handlers = { get: () => ({ name: 'Ada', age: 36 }), put: () => undefined }
    const { client, run, close } = await startedPair(before, implement(after).handlers(handlers))
    expect((await run(client.$connection.differences()))?.map(brief)).toEqual([
      'procedure get/output.age loses',
      'procedure get/errors.GONE loses',
      'procedure put/ works',
      'event news/ works',
    ])
    expect(lines()).toEqual([])
    await close()
  })

  it('is passed to the hook, completely and once, and an error of the hook to onUncaught', async () => {
    const lines = watchConsole()
    const heard: string[][] = []
    const uncaught: unknown[] = []
    const { client, run, close } = await differing('hook', {
      client: {
        onContractDifferences: (found) => {
          heard.push(found.map(brief))
          throw new Error('of the hook')
        },
        onUncaught: (error) => void uncaught.push((error as Error).message),
      },
    })
    await run(client.$connection.differences())
    await run(client.same({ name: 'a' }))
    expect([heard.length, heard[0]?.length, uncaught, lines()]).toEqual([1, 6, ['of the hook'], []])
    await close()
  })

  it('is one line in the log of the server, whatever the number of clients', async () => {
    const { client, run, close, log } = await differing('logged')
    await run(client.$connection.differences())
    const lines = log.filter(
      ({ text }) => text === 'a client and this server have different fingerprints of a contract',
    )
    expect(lines).toMatchObject([{ level: 'info', facts: { contract: 'logged', version: 1 } }])
    await close()
  })
})

describe('The message of a failure', () => {
  it('mentions a difference in an output, even if the failure is earlier than the list of differences', async () => {
    const { client, run, close } = await differing('outputs')
    const { error } = await run(safe(client.put({ name: 'Ada' })))
    expect(error).toMatchObject({ code: 'INTERNAL', maybeExecuted: true })
    expect(error?.message).toMatch(
      /^the output of outputs\/put is not valid at age: .*; client and server have different versions of this procedure; they differ in: output\.age$/,
    )
    expect(error?.stack).toContain(error?.message)
    expect(error?.stack?.split('different versions')).toHaveLength(2)
    await close()
  })

  it('mentions a difference in an item, an undeclared code and an event', async () => {
    const invalid: RpcError[] = []
    const { client, run, eventually, close } = await differing('kinds', {
      client: { onInvalidEvent: (error) => void invalid.push(error) },
    })
    const item = await run(
      client
        .watch()
        .next()
        .catch((error: RpcError) => error),
    )
    expect((item as RpcError).message).toMatch(/; they differ in: items\.age$/)
    const { error } = await run(safe(client.put({ name: 'gone' })))
    expect(error).toMatchObject({ code: 'UNKNOWN', message: expect.stringContaining('errors.GONE') })
    client.$on('news', () => undefined)
    await run(client.same({ name: 'a' }))
    await eventually('the event was left out', () => invalid.length > 0)
    expect(invalid.map(({ message }) => message)).toEqual([
      expect.stringMatching(/different versions of this event; they differ in: payload\.at$/),
    ])
    await close()
  })

  it('mentions no differences if the procedure is the same on both sides', async () => {
    const { client, run, close } = await differing('silent')
    await run(client.$connection.differences())
    const same = await run(safe(client.same({} as never)))
    expect(same.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(same.error?.message).not.toContain('different versions')
    await close()
  })
})
