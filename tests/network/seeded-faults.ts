import type { SeededFaults } from '../support/seeded-faults.ts'
import { findFault } from './search.ts'
import { seededMoves } from './seeded-moves.ts'
import { seededSessions } from './seeded-sessions.ts'

/** The faults that the random networks must find: texts of the sources below `packages/`. */
const faults: SeededFaults<Episode>['faults'] = {
  'a deadline ignored by the caller': [
    {
      file: 'protocol/src/session/calls/outgoing-call.ts',
      search:
        "this.cancel(deadlineExceeded(this.#phase === 'waiting' ? this.#table.whyWaiting() : undefined))",
      replace: 'undefined',
    },
  ],
  'a deadline ignored by the callee': [
    {
      file: 'protocol/src/session/calls/incoming-call.ts',
      search: 'this.#table.callFailed(this, deadlinePassed())',
      replace: 'undefined',
    },
  ],
  'a call that was sent reported as not executed': [
    {
      file: 'protocol/src/may-have-run.ts',
      search: 'sentAndUnanswered: true',
      replace: 'sentAndUnanswered: false',
    },
  ],
  'a call that was not sent reported as executed': [
    { file: 'protocol/src/may-have-run.ts', search: 'notSent: false', replace: 'notSent: true' },
  ],
  'a late answer given to another call': [
    {
      file: 'protocol/src/session/calls/outgoing-calls.ts',
      search: 'this.#open.get(envelope.callId)?.result(envelope)',
      replace:
        '(this.#left > 0 ? [...this.#open.values()].findLast((call) => call.isUnary) : this.#open.get(envelope.callId))?.result(envelope)',
    },
    {
      file: 'protocol/src/session/calls/outgoing-call.ts',
      search: '  result({ metadata, extensions, body: encoded }: ResultEnvelope): void {',
      replace:
        '  get isUnary() { return this.#items === undefined }\n  result({ metadata, extensions, body: encoded }: ResultEnvelope): void {',
    },
  ],
  'a handler that runs twice when others are given up': [
    {
      file: 'protocol/src/session/calls/incoming-calls.ts',
      search: 'this.#core.guard(runHandler, handlerBroke, call)',
      replace:
        'this.#core.guard(() => { call.run(); if (this.#givenUp.size > 0) call.run() }, handlerBroke, call)',
    },
  ],
  'a slot of a call that was given up not freed': [
    {
      file: 'protocol/src/session/calls/outgoing-calls.ts',
      search: 'if (wasLeft) this.#left -= 1\n    this.#open.delete(call.id)',
      replace: 'if (wasLeft) this.#left -= 1\n    else this.#open.delete(call.id)',
    },
  ],
  'a cancel that does not reach the callee': [
    {
      file: 'protocol/src/session/calls/outgoing-call.ts',
      search: "this.#core.writer.send({ kind: 'cancel', callId: this.id, ...codeAndText(error) }, 'own')",
      replace: 'codeAndText(error)',
    },
  ],
  'a handler that goes on unseen when its call is given up': [
    {
      file: 'protocol/src/session/calls/incoming-call.ts',
      search: 'this.#core.guard(() => this.#signal?.tell())',
      replace: 'undefined',
    },
  ],
  'handlers that go on when their connection ends': [
    {
      file: 'protocol/src/session/calls/ending-calls.ts',
      search: "incoming.abortAll(() => errorWithoutStack('UNAVAILABLE', text, { cause }), false),",
      replace: '',
    },
  ],
  'a connection closed before its calls have settled': [
    {
      file: 'protocol/src/session/calls/ending-calls.ts',
      search: 'outgoing.cut(lost),',
      replace: '',
    },
  ],
  'an item doubled': [
    {
      file: 'protocol/src/calling/item-stream.ts',
      search: 'this.#unread.push(arrived)',
      replace:
        'this.#unread.push(arrived)\n    if (this.#call?.deadlineAtMs !== undefined) this.#unread.push(arrived)',
    },
  ],
  'items that wait lost at the end of their stream': [
    {
      file: 'protocol/src/calling/item-stream.ts',
      search: "this.#state = 'ended'\n    this.#failure = error",
      replace: "this.#state = 'ended'\n    this.#unread.clear()\n    this.#failure = error",
    },
  ],
  'an end of an upload before its last items': [
    {
      file: 'protocol/src/serving/upload-items.ts',
      search: 'const arrived = this.#arrivals.shift()',
      replace: 'const arrived = this.#hasEnded ? undefined : this.#arrivals.shift()',
    },
  ],
  'an upload that is given up taken for a whole one': [
    {
      file: 'protocol/src/serving/upload-items.ts',
      search: 'if (!this.#isDone) signal.throwIfAborted()\n        if (this.#isLeft) return done',
      replace: 'if (this.#isLeft) return done\n        signal.throwIfAborted()',
    },
  ],
  'a source that nobody ends when its call has settled': [
    {
      file: 'protocol/src/calling/upload.ts',
      search: 'this.#reader?.end()',
      replace: '',
    },
  ],
  'an event given to those who listen to another topic': [
    {
      file: 'client/src/events/event-listeners.ts',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a text of a source.
      search: 'return `${event}\\n${topic}`',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as above.
      replace: 'return `${event}${topic}`.slice(0, event.length)',
    },
  ],
  'an event lost when its connection is full': [
    {
      file: 'protocol/src/session/events/event-sender.ts',
      search: 'if (isOver() || !this.#waiting.add(event)) {',
      replace:
        'if (isOver() || !this.#waiting.isEmpty || !this.#waiting.add(event)) {\n      return "leftOut"',
    },
  ],
  'a gap that nobody is told of': [
    {
      file: 'protocol/src/session/events/event-queue.ts',
      search: 'this.#entries[index] = this.#frontGap(event)',
      replace: 'this.#entries[index] = undefined',
    },
  ],
  'a subscription lost when another one ends': [
    {
      file: 'server/src/events/subscriptions.ts',
      search: 'if (topic.subscribers.size > 0) return',
      replace: 'if (topic.subscribers.size > 1) return',
    },
  ],
  'a connection not counted out': [
    {
      file: 'server/src/frameport-server.ts',
      search: '(this.#connections as Set<ServerConnection>).delete(connection)',
      replace: 'this.#connections.has(connection)',
    },
  ],
  'a silent peer that nobody gives up': [
    {
      file: 'protocol/src/session/link/heartbeat.ts',
      search: 'this.#events.lost()',
      replace: 'this.#wait(heartbeatTimeoutMs)',
    },
  ],
  'credit counted twice': [
    {
      file: 'protocol/src/session/calls/item-sender.ts',
      search: 'this.#items = Math.min(this.#items + items, creditMax)',
      replace: 'this.#items = Math.min(this.#items + 2 * items, creditMax)',
    },
  ],
  'a slot not freed by the failure of a call that was given up': [
    {
      file: 'protocol/src/session/calls/outgoing-call.ts',
      search:
        "if (this.#phase === 'left') this.#end()\n    else this.settle(failureOf(this.#core, envelope, isClosing), emptyBody)",
      replace:
        "if (this.#phase !== 'left') this.settle(failureOf(this.#core, envelope, isClosing), emptyBody)",
    },
  ],
  'a close that outlasts its grace': [
    {
      file: 'protocol/src/session/session-life.ts',
      search: 'this.#graceTimer = environment.setTimer(graceMs, () => this.#graceOver())',
      replace: 'void graceMs',
    },
  ],
  ...seededSessions,
  ...seededMoves,
}

type Episode = typeof import('./episode.ts')

export const seededFaults: SeededFaults<Episode> = {
  program: {
    entry: new URL('./episode.ts', import.meta.url),
    sources: new URL('../../packages/', import.meta.url),
  },
  faults,
  search: async ({ runSeed }, seeds) => (await findFault(runSeed, 1, seeds)).fault,
}
