import { createHash } from 'node:crypto'
import type { CompletionPort } from '@frameport/iocp-core'
import type { SessionCloseReason } from '@frameport/protocol'
import { createServer, implement, type Server, type ServerOptions } from '@frameport/server'
import { kinds } from '../kinds.ts'
import { givenUp, KindsState } from './kinds-state.ts'

/** Our server of the contract `kinds`, and its records. */
export interface KindsServer {
  readonly server: Server
  readonly state: KindsState
  /** The reason for the end of each connection. */
  readonly ended: SessionCloseReason[]
}

export function kindsServer(
  completionPort: CompletionPort,
  options: Pick<ServerOptions<object>, 'limits'> = {},
): KindsServer {
  const state = new KindsState()
  const ended: SessionCloseReason[] = []
  const implementation = implement(kinds).handlers({
    echo: ({ input }) => input,
    refuse: ({ errors }) => {
      throw errors.NAME_TAKEN({ suggestion: 'guest2' }, 'That name is taken.')
    },
    wait: ({ signal }) => givenUp(signal, state),
    async *count({ input }) {
      for (let number = 1; number <= input.to; number++) yield number
    },
    async sum({ upload, signal }) {
      givenUp(signal, state).catch(() => undefined)
      let sum = 0
      for await (const number of upload) sum += number
      return sum
    },
    async store({ input, upload }) {
      const hash = createHash('sha256')
      for await (const chunk of upload) hash.update(chunk)
      return { name: input.name, bytes: upload.bytes, sha256: hash.digest('hex') }
    },
    async find({ input, upload }) {
      for await (const word of upload) if (word.text === input.text) break
      return upload.items
    },
    enough: () => 'enough',
    async quota({ upload, errors }) {
      await upload.next()
      throw errors.QUOTA(7, 'enough of it')
    },
    async hold({ upload, signal }) {
      await Promise.race([state.released, givenUp(signal, state)])
      for await (const item of upload) void item
      return upload.items
    },
    async leave({ upload }) {
      const { value } = await upload.next()
      upload.stop()
      await state.released
      return value ?? 0
    },
    async *shout({ upload }) {
      for await (const { text } of upload) yield { text: text.toUpperCase() }
    },
    async *reverse({ upload }) {
      yield 0
      const taken: number[] = []
      for await (const number of upload) taken.push(number)
      yield* taken.reverse()
    },
    async seen({ input, signal }) {
      state.seen.push(input.text)
      if (input.text === 'slow') await givenUp(signal, state)
    },
    saw: () => ({ seen: state.seen, givenUp: state.givenUp }),
    release: () => state.release(),
  })
  const server: Server = createServer(implementation, {
    log: false,
    ...options,
    completionPort,
    onDisconnect: ({ reason }) => void ended.push(reason),
  })
  return { server, state, ended }
}
