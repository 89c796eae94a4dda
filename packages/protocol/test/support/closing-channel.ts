import type { FrameChannel, FrameSink } from '@frameport/framing'

/**
 * A channel that calls `close` of its sink inside of `abort`.
 *
 * @param tellsPeer if false, the peer does not see an abort, as if the network had failed
 */
export function closingAtOnce(inner: FrameChannel, tellsPeer = true): FrameChannel {
  let sink: FrameSink | undefined
  let isClosed = false
  const close = (error?: Error) => {
    if (isClosed) return
    isClosed = true
    sink?.close?.(error)
  }
  const own = {
    start: (given: FrameSink) => {
      sink = given
      inner.start({
        frame: (payload) => (isClosed ? undefined : given.frame(payload)),
        received: () => given.received?.(),
        invalid: (error) => given.invalid?.(error),
        end: () => given.end?.(),
        drain: () => given.drain?.(),
        close,
      })
    },
    abort: (error?: Error) => {
      if (tellsPeer) inner.abort(error)
      close(error)
    },
  }
  return new Proxy(inner, {
    get(target, name) {
      if (name in own) return own[name as keyof typeof own]
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
    set: (target, name, to) => Reflect.set(target, name, to, target),
  })
}
