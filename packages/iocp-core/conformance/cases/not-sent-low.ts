import assert from 'node:assert/strict'
import { type CompletionPort, limits } from '../../src/index.ts'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { pattern } from '../support/bytes.ts'
import { assertCode } from '../support/errors.ts'
import { settled } from '../support/eventually.ts'
import { pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'

const KiB = 1024
/** More than any kernel takes for a peer that does not read. */
const bytes = pattern(16 * 1024 * KiB)

/** Whether its connections can have the option. Where they can, the default is in force, and says so. */
function hasOption({ openPort }: ConformanceContext): boolean {
  return openPort().notSentLowBytes > 0
}

function cannotRun({ backend }: { readonly backend: string }): string | undefined {
  const has = backend === 'epoll' || backend === 'io_uring'
  return has ? undefined : `${backend} cannot set TCP_NOTSENT_LOWAT`
}

/** What the kernel takes for a peer that does not read, of a connection that was made and of one that was accepted. */
async function taken(port: CompletionPort, signal: AbortSignal): Promise<readonly [number, number]> {
  const { client, server, listener } = await pair(port)
  // Receiving never starts: a connection that nobody started reads nothing.
  assert.equal(client.send(bytes), 'full')
  assert.equal(server.send(bytes), 'full')
  const byMade = bytes.length - (await settled(signal, () => client.queuedBytes))
  const byAccepted = bytes.length - (await settled(signal, () => server.queuedBytes))
  client.abort()
  server.abort()
  await listener.close()
  return [byMade, byAccepted]
}

export const notSentLowCases: readonly ConformanceCase[] = [
  {
    name: 'notSentLowBytes is in force and reported, or refused with the reason',
    async run(context) {
      const { openPort } = context
      assert.equal(openPort({ notSentLowBytes: 0 }).notSentLowBytes, 0)
      if (hasOption(context)) {
        assert.equal(openPort().notSentLowBytes, limits.notSentLowBytes.default)
        assert.equal(openPort({ notSentLowBytes: 5 * KiB }).notSentLowBytes, 5 * KiB)
        return
      }
      assert.throws(
        () => openPort({ notSentLowBytes: limits.notSentLowBytes.default }),
        (error) => {
          assertCode(error, 'OPTION_UNSUPPORTED')
          assert.match(String(error), new RegExp(`notSentLowBytes on back end ${context.backend}: .{20,}`))
          return true
        },
      )
    },
  },
  {
    name: 'with notSentLowBytes the kernel accepts little more than the peer has room for, on both kinds of connections',
    cannotRun,
    async run({ openPort, signal }) {
      const [madePlain, acceptedPlain] = await taken(openPort({ notSentLowBytes: 0 }), signal)
      const [made, accepted] = await taken(openPort({ notSentLowBytes: 16 * KiB }), signal)
      // A system may be set to hold little anyway: then there is nothing to see here.
      assert.ok(made < 1024 * KiB, `a made connection hands over ${made} bytes`)
      assert.ok(accepted < 1024 * KiB, `an accepted connection hands over ${accepted} bytes`)
      assert.ok(made < madePlain, `${made} bytes, and without the option ${madePlain}`)
      assert.ok(accepted < acceptedPlain, `${accepted} bytes, and without the option ${acceptedPlain}`)
    },
  },
  {
    name: 'with notSentLowBytes of one byte everything arrives in order, and drain is called',
    cannotRun,
    async run({ openPort, signal }) {
      const { client, server } = await pair(openPort({ notSentLowBytes: 1 }))
      const atClient = new Recorder()
      const atServer = new Recorder({}, false)
      client.start(atClient)
      server.start(atServer)
      assert.equal(client.send(bytes), 'full')
      await client.drained()
      await atServer.untilBytes(signal, bytes.length)
      await atClient.until(signal, 'drain', () => atClient.drains === 1)
      client.end()
      await atServer.untilEnd(signal)
      client.abort()
      server.abort()
    },
  },
]
