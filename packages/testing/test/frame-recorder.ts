import type { FrameChannel, FrameSink, FramingError } from '@frameport/framing'

/** The calls of a sink: copies of the frames, and every call except `received`, in order. */
export interface FrameRecorder {
  readonly frames: Uint8Array[]
  readonly events: string[]
  readonly invalid: FramingError | undefined
  readonly closeError: Error | undefined
}

/** Starts `channel` with a sink that records, and then calls `more`. The sink has no `invalid` unless `more` has. */
export function recordFrames(channel: FrameChannel, more: Partial<FrameSink> = {}): FrameRecorder {
  const recorder = {
    frames: [] as Uint8Array[],
    events: [] as string[],
    invalid: undefined as FramingError | undefined,
    closeError: undefined as Error | undefined,
  }
  const { events } = recorder
  channel.start({
    ...more,
    frame(payload) {
      recorder.frames.push(payload.slice())
      events.push(`frame ${payload.byteLength}`)
      return more.frame?.(payload)
    },
    ...(more.invalid === undefined
      ? {}
      : {
          invalid(error: FramingError) {
            events.push('invalid')
            recorder.invalid = error
            return more.invalid?.(error)
          },
        }),
    end() {
      events.push('end')
      return more.end?.()
    },
    drain() {
      events.push('drain')
      return more.drain?.()
    },
    close(error) {
      events.push('close')
      recorder.closeError = error
      return more.close?.(error)
    },
  })
  return recorder
}
