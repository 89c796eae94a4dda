import { RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { lab } from './lab-contract.ts'

export interface LabContext {
  readonly user: string
}

/** Records of the handlers, for tests. */
export interface LabRecord {
  /** The number of items that producers made. */
  produced: number
  /** The number of `finally` blocks of producers that ran. */
  left: number
  readonly signals: AbortSignal[]
  readonly release: Map<string, () => void>
  started: number
}

export function createLab() {
  const record: LabRecord = { produced: 0, left: 0, signals: [], release: new Map(), started: 0 }
  const impl = implement(lab)
    .$context<LabContext>()
    .use(async ({ context, next }) =>
      next({ context: { role: context.user === 'root' ? 'administrator' : 'guest' } }),
    )
  const implementation = impl.handlers({
    echo: ({ input }) => ({ text: input.text }),
    blob: ({ input }) => input.map((byte) => byte ^ 0xff),
    nothing: () => undefined,
    async *count({ input }) {
      try {
        for (let number = 1; number <= input.to; number++) {
          record.produced++
          yield number
        }
      } finally {
        record.left++
      }
    },
    async *silence({ signal }) {
      record.signals.push(signal)
      await new Promise(() => undefined)
      yield 0
    },
    wait: ({ input, signal }) => {
      record.started++
      record.signals.push(signal)
      return new Promise((resolve, reject) => {
        record.release.set(input.text, () => resolve({ text: input.text }))
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
    stuck: ({ signal }) => {
      record.started++
      record.signals.push(signal)
      return new Promise<void>(() => undefined)
    },
    fail: ({ input, errors }) => {
      if (input.how === 'declared') throw errors.NAME_TAKEN({ suggestion: 'guest2' }, 'That name is taken.')
      if (input.how === 'standard') throw new RpcError('NOT_FOUND', 'There is no such thing.')
      if (input.how === 'undeclared') throw new RpcError('OUT_OF_MILK', 'secret shopping list')
      throw new Error('the password is 12345')
    },
    async *failingItems({ input }) {
      for (let number = 1; number <= input.after; number++) yield number
      throw new RpcError('ABORTED', 'The producer gave up.')
    },
    join: ({ input, connection }) => connection.subscribe(lab.events.line, { room: input.room }),
    leave: ({ input, connection }) => connection.unsubscribe(lab.events.line, { room: input.room }),
    tell: ({ input, connection }) =>
      connection.emit(lab.events.line, { room: input.room }, { text: 'for you' }),
    who: ({ context, metadata }) => ({ user: context.user, role: context.role, metadata: metadata.hint }),
    remaining: ({ remainingMs }) => ({ ms: remainingMs() }),
    tools: { deep: { add: ({ input }) => input.a + input.b } },
  })
  return { implementation, record }
}
