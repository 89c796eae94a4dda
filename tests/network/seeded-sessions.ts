import type { SeededFaults } from '../support/seeded-faults.ts'

/** Faults of sessions that are resumed over another connection, and of sessions that replace them. */
export const seededSessions: SeededFaults<unknown>['faults'] = {
  'an envelope acknowledged before it is handled': [
    {
      file: 'protocol/src/session/link-receiver.ts',
      search: 'this.#envelopes.receive(payload)\n',
      replace:
        'const late = payload.slice()\n    this.#core.environment.setTimer(1, () => { if (this.#life.link !== link || this.#life.isOver) return; try { this.#envelopes.receive(late) } catch (error) { this.linkFailed(error as SessionFault) } })\n',
    },
  ],
  'acknowledgements that nobody looks at': [
    {
      file: 'protocol/src/session/resume/resumption.ts',
      search: 'if (this.#channel === undefined) return\n    this.#secrets?.confirm()',
      replace: 'if (this.#channel !== undefined) return\n    this.#secrets?.confirm()',
    },
  ],
  'what the peer has sent to it again': [
    {
      file: 'protocol/src/session/resume/resumption.ts',
      search: 'this.#acknowledge(channel, this.#peerReceived ?? 0)',
      replace: '',
    },
  ],
  'an envelope left out when the rest is sent again': [
    {
      file: 'protocol/src/session/resume/resume-channel.ts',
      search: 'this.#sent = this.#acknowledged\n    this.#kept.rewind()',
      replace:
        'this.#sent = this.#acknowledged\n    this.#kept.rewind()\n    if (this.#kept.next() !== undefined) this.#sent += 1',
    },
  ],
  'a cancel lost when the rest is sent again': [
    {
      file: 'protocol/src/session/resume/current-envelopes.ts',
      search: 'return this.#neverMade.size === 0 ? payload : this.#cancel(joined(payload), number)',
      replace: 'return skip',
    },
  ],
  'a deadline granted anew when a call is sent again': [
    {
      file: 'protocol/src/session/resume/current-envelopes.ts',
      search: 'return encoded({ ...envelope, deadlineMs: wholeMs(leftMs) })',
      replace: 'return payload',
    },
  ],
  'a connection that delivers after it was left': [
    {
      file: 'protocol/src/session/session-life.ts',
      search: 'link?.moveTo(nobody)\n    link?.abort()',
      replace: '',
    },
  ],
  'a secret spent by a welcome that was lost': [
    {
      file: 'protocol/src/session/resume/session-secrets.ts',
      search: 'this.#secrets.push(next)',
      replace: 'this.#secrets = [next]',
    },
  ],
  'a session replaced without a gap that says so': [
    {
      file: 'client/src/events/event-listeners.ts',
      search: 'topic.owesGap ||= topic.isFollowed && isUnknown',
      replace: '',
    },
  ],
  'a call settled by a cut, and again by its answer': [
    {
      file: 'protocol/src/session/calls/outgoing-calls.ts',
      search: 'hold(): void {',
      replace: 'hold(): void {\n    for (const call of [...this.#open.values()]) call.settleEarly()',
    },
    {
      file: 'protocol/src/session/calls/outgoing-call.ts',
      search: '  /** The peer has answered what was settled here before. */',
      replace:
        "  settleEarly() { this.#core.guard(() => this.#events.settled(errorWithoutStack('UNAVAILABLE', 'cut', { maybeExecuted: true }), emptyBody)) }",
    },
  ],
  'a call that may have run made again': [
    {
      file: 'protocol/src/calling/calls-again.ts',
      search: "if (error.maybeExecuted && ifMayHaveRun === 'fail') return undefined",
      replace: '',
    },
  ],
  'a stream that goes on behind the item before its last one': [
    {
      file: 'protocol/src/calling/stream-again.ts',
      search: 'procedure.resumeFrom?.(this.#call.input as never, item.value as never)',
      replace:
        'procedure.resumeFrom?.(this.#call.input as never, { ...(item.value as object), number: (item.value as { number: number }).number - 1 } as never)',
    },
  ],
  'subscriptions that are not made again': [
    {
      file: 'client/src/events/wire-subscriptions.ts',
      search: 'return this.#ask(topic, present)\n',
      replace: 'return new Promise(() => undefined)\n',
    },
  ],
  'the first event that a log has kept left out when its subscriber comes back': [
    {
      file: 'server/src/event-log/catch-up.ts',
      search: 'const entry = this.#page?.entries[this.#at]',
      replace:
        'if (this.#at === 0 && (this.#page?.entries.length ?? 0) > 1) this.#at = 1\n    const entry = this.#page?.entries[this.#at]',
    },
  ],
  'a gap of events that their log still has': [
    {
      file: 'server/src/event-log/catch-up.ts',
      search: 'const verdict = this.#of.reader.deliverIfRoom(event)',
      replace: 'const verdict = this.#of.reader.deliver(event)',
    },
  ],
  'a window that never ends': [
    {
      file: 'protocol/src/session/detachment.ts',
      search: 'this.#timer ??= startPeerTimer(environment, windowMs, over)',
      replace: 'this.#timer ??= startPeerTimer(environment, 1e9, over)',
    },
  ],
}
