import { createCompletionPort } from '@frameport/iocp-core'
import { createServer, implement } from '@frameport/server'
import { certificate } from '../support/rival/certificate.ts'
import { answerQuestions, notAsked } from '../support/scale/answer-questions.ts'
import { host, kindHere, lot } from '../support/scale/lot.ts'
import type { ScaleQuestion, ServerSessions } from '../support/scale/messages.ts'
import { ServerFigures } from '../support/scale/server-figures.ts'

/** A server of many connections, which all come from one address. All other limits are the defaults. */
const limits = {
  connectionsMax: 200_000,
  connectionsPerShareMax: 200_000,
  detachedMax: 200_000,
  detachedPerShareMax: 200_000,
}

interface Serving {
  readonly port: number
  readonly backend: string
  sessions(): ServerSessions
}

async function servePort(): Promise<Serving> {
  const port = createCompletionPort()
  const listener = await port.listen(`tcp://${host}:0`, (connection) => {
    connection.start({
      data: (chunk) => void connection.send(chunk),
      end: () => connection.end(),
      drain() {},
      close() {},
    })
  })
  return {
    port: Number(new URL(listener.url).port),
    backend: port.backend,
    sessions: () => ({ attached: 0, detached: 0 }),
  }
}

async function serveSessions(): Promise<Serving> {
  const server = createServer(implement(lot).handlers({ set: ({ input }) => input }), { limits })
  const listener =
    kindHere === 'tls'
      ? await server.listen(`tls://${host}:0`, certificate())
      : await server.listen(`tcp://${host}:0`)
  return {
    port: Number(new URL(listener.url).port),
    backend: listener.backend,
    sessions() {
      const { connections, connectionsDetached } = server.stats()
      return { attached: connections - connectionsDetached, detached: connectionsDetached }
    },
  }
}

const serving = kindHere === 'port' ? await servePort() : await serveSessions()
const figures = new ServerFigures()

async function answer(question: ScaleQuestion): Promise<object> {
  switch (question.ask) {
    case 'memory':
      return figures.memory()
    case 'sessions':
      return serving.sessions()
    case 'watch':
      figures.watch()
      return {}
    case 'pauses':
      return figures.pauses()
    default:
      return notAsked(question)
  }
}

answerQuestions(answer)
process.send?.({ port: serving.port, backend: serving.backend })
