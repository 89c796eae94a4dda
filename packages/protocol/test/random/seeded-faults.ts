import type { SeededFaults } from '../../../../tests/support/seeded-faults.ts'
import { findFault } from './search.ts'

/** Faults that the random sessions have to find. */
const faults: SeededFaults<Episode>['faults'] = {
  'a slot freed early': [
    {
      file: 'calls/outgoing-call.ts',
      search: 'this.#table.callLeft()',
      replace: 'this.#table.callEnded(this, false)',
    },
  ],
  'credit counted twice': [
    {
      file: 'calls/item-sender.ts',
      search: 'this.#items = Math.min(this.#items + items, creditMax)',
      replace: 'this.#items = Math.min(this.#items + 2 * items, creditMax)',
    },
  ],
  'a begin that is not told': [
    {
      file: 'calls/item-sender.ts',
      search: 'nextTurn(this.#core.environment, () => this.#tellStarted())',
      replace: 'undefined',
    },
  ],
  'a begin told before the handler has begun': [
    {
      file: 'calls/item-sender.ts',
      search: "if (this.#start === 'silent') this.#start = 'asked'",
      replace: "if (this.#start === 'silent') { this.#start = 'begun'; this.#tellStarted() }",
    },
  ],
  'an item after the end': [
    {
      file: 'calls/incoming-call.ts',
      search: "throw new RpcError('FAILED_PRECONDITION', 'the call was already answered')",
      replace: 'this.id',
    },
  ],
  'a cancel answered twice': [
    {
      file: 'calls/incoming-call.ts',
      search: "case 'abandoned':\n        this.#phase = 'ended'",
      replace:
        "case 'abandoned':\n        this.#phase = 'ended'\n        sendFailure(this.#core.writer, this.id, givenUp(this.#signal!.reason!))",
    },
  ],
  'a late answer given to another call': [
    {
      file: 'calls/outgoing-calls.ts',
      search: 'this.#open.get(envelope.callId)?.result(envelope)',
      replace:
        '(this.#left > 0 ? [...this.#open.values()].findLast((call) => call.isUnary) : this.#open.get(envelope.callId))?.result(envelope)',
    },
    {
      file: 'calls/outgoing-call.ts',
      search: '  result({ metadata, extensions, body: encoded }: ResultEnvelope): void {',
      replace:
        '  get isUnary() { return this.#items === undefined }\n  result({ metadata, extensions, body: encoded }: ResultEnvelope): void {',
    },
  ],
  'closed before a refusal has settled': [
    {
      file: 'session-life.ts',
      search: 'this.#calls.outgoing.settleRest()',
      replace: '',
    },
  ],
  'a budget not given back': [
    {
      file: 'flow/partial-bodies.ts',
      search: 'if (partial === undefined) return\n    this.#free(partial)',
      replace: 'if (partial === undefined) return',
    },
  ],
  'the order of two calls swapped': [
    {
      file: 'calls/outgoing-calls.ts',
      search: 'for (const call of this.#waiting) {',
      replace: 'for (const call of [...this.#waiting].reverse()) {',
    },
  ],
  'a deadline ignored': [
    {
      file: 'calls/outgoing-call.ts',
      search:
        "this.cancel(deadlineExceeded(this.#phase === 'waiting' ? this.#table.whyWaiting() : undefined))",
      replace: 'undefined',
    },
  ],
  'a deadline ignored by the callee': [
    {
      file: 'calls/incoming-call.ts',
      search: 'this.#table.callFailed(this, deadlinePassed())',
      replace: 'undefined',
    },
  ],
  'a stream ended twice': [
    {
      file: 'calls/incoming-call.ts',
      search: "writer.send({ kind: 'end', callId: this.id, metadata: noMetadata }, 'answer')",
      replace:
        "for (const kind of ['end', 'end'] as const) writer.send({ kind, callId: this.id, metadata: noMetadata }, 'answer')",
    },
  ],
  'an item of an upload lost': [
    {
      file: 'incoming-envelopes.ts',
      search: 'else if (incoming.isFromPeer(envelope.callId)) incoming.item(envelope)',
      replace: 'else if (incoming.isFromPeer(envelope.callId)) return',
    },
  ],
  'an upload ended twice': [
    {
      file: 'calls/upload-sender.ts',
      search: "if (this.#state !== 'sending') return\n    this.#state = 'ended'",
      replace: "if (this.#state === 'over') return\n    this.#state = 'ended'",
    },
  ],
  'an end of an upload before its last item': [
    {
      file: 'calls/upload-sender.ts',
      search: 'this.#items.afterItem(() => {',
      replace: ';((run: () => void) => run())(() => {',
    },
  ],
  'more credit of an upload than was granted': [
    {
      file: 'calls/upload-receiver.ts',
      search: 'this.#items.grant(credit, true)',
      replace: 'this.#items.grant({ ...credit, items: credit.items + 1 }, true)',
    },
  ],
  'a stop of an upload ignored': [
    {
      file: 'calls/outgoing-call.ts',
      search: 'if (this.upload.stop()) this.#core',
      replace: 'this.#core',
    },
  ],
  'a stop that the caller is not told of': [
    {
      file: 'calls/outgoing-call.ts',
      search: 'this.#core.guard(() => this.#events.stopped?.())',
      replace: 'return',
    },
  ],
  'an upload that nobody reads and nobody stops': [
    {
      file: 'calls/upload-receiver.ts',
      search: 'if (this.#events === undefined) this.stop()',
      replace: '',
    },
  ],
  'items of an upload behind its answer': [
    {
      file: 'calls/incoming-call.ts',
      search: 'this.upload?.close()\n        this.#items?.answered()',
      replace: 'this.#items?.answered()',
    },
  ],
  'the memory of items that nobody read not given back': [
    {
      file: 'calls/upload-receiver.ts',
      search: 'this.#release(this.#heldBytes)',
      replace: '',
    },
  ],
  'a one-way call dropped and not counted': [
    {
      file: 'calls/incoming-oneways.ts',
      search: 'this.#dropped += 1\n    const procedure',
      replace: 'const procedure',
    },
  ],
  'a one-way call that keeps its place for ever': [
    {
      file: 'calls/incoming-oneways.ts',
      search: 'if (!this.#running.delete(call)) return',
      replace: 'if (!this.#running.has(call)) return',
    },
  ],
  'one one-way call too many': [
    {
      file: 'calls/incoming-oneways.ts',
      search: 'this.#running.size >= onewaysInFlightMax',
      replace: 'this.#running.size > onewaysInFlightMax',
    },
  ],
  'a deadline of a one-way call ignored': [
    {
      file: 'calls/incoming-oneway.ts',
      search: 'this.abort(deadlinePassed())',
      replace: 'undefined',
    },
  ],
  'a one-way call that waits for a slot': [
    {
      file: 'calls/outgoing-calls.ts',
      search: 'if (this.#onewaysWaiting === 0 || !this.#mayWrite) break',
      replace: 'if (this.#waiting.size > 0) break',
    },
  ],
}

type Episode = typeof import('./episode.ts')

export const seededFaults: SeededFaults<Episode> = {
  program: {
    entry: new URL('./episode.ts', import.meta.url),
    sources: new URL('../../src/session/', import.meta.url),
  },
  faults,
  search: async ({ runSeed }, seeds) => (await findFault(runSeed, 1, seeds)).fault,
}
