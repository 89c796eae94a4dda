import { describe, expect, it } from 'vitest'
import { attachFrames, type ByteStreamSink, frameChannelOf, openFrames } from '../../src/index.ts'
import { ScriptedStream } from '../support/scripted-stream.ts'

const refused = (message: string, code = 'INVALID_ARGUMENT') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('attachFrames', () => {
  it.each([
    ['a limit of a channel', { receiveBytesMax: 5 }, '"receiveBytesMax"'],
    ['a sink, which is an argument of start', { frame: () => undefined }, '"frame"'],
  ])('refuses %s as an option', (_name, options, name) => {
    const text = `attachFrames has no option ${name}: it takes format and frameBytesMax.`
    expect(() => attachFrames(new ScriptedStream(), options as never)).toThrow(
      refused(text, 'INVALID_OPTION'),
    )
  })

  it('refuses a frame channel as a stream', () => {
    const channel = attachFrames(new ScriptedStream())
    const text = 'it has receiveBytesMax and sendBytesMax and frameOverheadBytes, so it is a FrameChannel'
    expect(() => attachFrames(channel as never)).toThrow(refused(text))
    expect(() => openFrames(channel as never)).toThrow(refused(text))
  })
})

it.each(['start', 'send', 'drained'])('an object without %s is not a stream', (missing) => {
  const stream = Object.assign(new ScriptedStream(), { [missing]: undefined })
  expect(() => attachFrames(stream)).toThrow(refused('give a ByteStream, which has start, send and drained'))
})

it('openFrames refuses an unknown option', () => {
  expect(() => openFrames(new ScriptedStream(), { readAhead: 5 } as never)).toThrow(
    refused('openFrames has no option "readAhead"', 'INVALID_OPTION'),
  )
})

it('the error for an incomplete frame channel names the missing member', () => {
  const half = Object.assign(new ScriptedStream(), { sendBytesMax: 5 })
  expect(() => frameChannelOf(half)).toThrow(refused('it has sendBytesMax, so it looks like a FrameChannel'))
})

describe('a sink', () => {
  it.each(['received', 'invalid', 'end', 'drain', 'close'])('whose %s is not a method is refused', (name) => {
    const sink = { frame: () => undefined, [name]: 5 }
    expect(() => attachFrames(new ScriptedStream()).start(sink as never)).toThrow(
      refused(`The member ${name} of the sink is 5`),
    )
  })

  it.each(['data', 'end', 'drain', 'close'] as const)(
    'of a stream whose %s is detached from it throws an error that says so',
    (name) => {
      let given: ByteStreamSink | undefined
      const stream = Object.assign(new ScriptedStream(), {
        start: (sink: ByteStreamSink) => {
          given = sink
        },
      })
      attachFrames(stream).start({ frame: () => undefined })
      const method: unknown = given?.[name]
      expect(() => Reflect.apply(method as () => void, undefined, [])).toThrow(
        refused(
          `The method ${name} was called without its sink: pass a function that calls sink.${name}() instead`,
        ),
      )
      expect(() => Reflect.apply(method as () => void, new ScriptedStream(), [])).toThrow(refused(name))
    },
  )

  it('gets no drain after its close', () => {
    let given: ByteStreamSink | undefined
    const told: string[] = []
    const stream = Object.assign(new ScriptedStream(), {
      start: (sink: ByteStreamSink) => {
        given = sink
      },
    })
    attachFrames(stream).start({
      frame: () => undefined,
      drain: () => told.push('drain'),
      close: () => told.push('close'),
    })
    given?.close()
    given?.drain()
    expect(told).toEqual(['close'])
  })
})

describe('a limit of a channel', () => {
  it.each(['receiveBytesMax', 'sendBytesMax'] as const)(
    '%s is named in the error if it is invalid',
    (name) => {
      const channel = attachFrames(new ScriptedStream())
      for (const wrong of [-1, 1.5, undefined]) {
        expect(() => {
          channel[name] = wrong as never
        }).toThrow(refused(`${name} is ${wrong}:`, 'INVALID_OPTION'))
      }
    },
  )
})
