import { once } from 'node:events'
import http from 'node:http'
import { compileFunction } from 'node:vm'
import * as ofClient from '@frameport/client'
import { tcp as connectTo } from '@frameport/client/tcp'
import * as ofProtocol from '@frameport/protocol'
import * as ofServer from '@frameport/server'
import { createMemoryPair } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'
import { recordingLog } from '../setup.ts'
import { setting } from './wrong-use.ts'

/** The result of a wrong use. */
export interface Outcome {
  readonly error: unknown
  /** The lines of the program in the stack, where 1 is the first line of the wrong use. */
  readonly lines: readonly number[]
  readonly log: readonly string[]
}

const fileName = 'wrong-use.js'

/** Runs a program after the setting, and closes everything that it made. */
export async function runWrongUse(wrote: string): Promise<Outcome> {
  const closing: (() => unknown)[] = []
  const { log, lines: logged } = recordingLog()
  const names = {
    ...ofProtocol,
    ...ofClient,
    ...ofServer,
    createServer(implementation: never, options?: object) {
      const server = ofServer.createServer(
        implementation,
        options === undefined ? { log } : { log, ...options },
      )
      closing.push(() => server.close({ graceMs: 0 }))
      return server
    },
    createClient(contract: never, target: never, options?: object) {
      // If the server closed first, it would refuse the listener, and that rejection would be unhandled.
      closing.unshift(() => target)
      const client = ofClient.createClient(contract, target, options)
      closing.unshift(() => (client as { $close(options: object): unknown }).$close({ graceMs: 0 }))
      return client
    },
    createTestClient(implementation: never, options?: object) {
      const client = createTestClient(implementation, { log, ...options } as never)
      closing.unshift(() => (client as { $close(options: object): unknown }).$close({ graceMs: 0 }))
      return client
    },
    createMemoryPair() {
      const pair = createMemoryPair()
      closing.push(() => pair.b.abort())
      return pair
    },
    http: {
      createServer() {
        const web = http.createServer()
        closing.push(() => web.close())
        return web
      },
    },
    connectTo,
    once,
    z,
  }
  const before = `return (async () => {\n${setting}`
  const program = compileFunction(`${before}${wrote}\n})()`, Object.keys(names), {
    filename: fileName,
    lineOffset: 1 - before.split('\n').length,
  }) as (...given: unknown[]) => Promise<unknown>
  const error = await program(...Object.values(names)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  for (const close of closing) await Promise.resolve(close()).catch(() => undefined)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const lines = [...stack.matchAll(/wrong-use\.js:(\d+)/g)].map(([, line]) => Number(line))
  return { error, lines, log: logged.map(({ text, facts }) => `${text} ${String(facts.err ?? '')}`) }
}
