import type { LogEntry } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { cleaningUp, line, lobby, newPath, open, page, texts } from './log-support.ts'

cleaningUp()

const nothing = () => undefined

describe('follow', () => {
  it('reports events of its topic in the order of the log, before append settles', async () => {
    const log = await open(newPath())
    const told: LogEntry[] = []
    const order: string[] = []
    log.follow(lobby, {
      event(entry) {
        told.push(entry)
        order.push('told')
      },
      missed: nothing,
    })
    const appended = Array.from({ length: 50 }, (_, index) => log.append(line(`${index}`)))
    appended.push(log.append(line('other', { topic: 'other' })))
    await appended[0]!.then(() => order.push('settled'))
    await Promise.all(appended)
    expect(texts(told)).toEqual(Array.from({ length: 50 }, (_, index) => `${index}`))
    expect(told.map(({ position }) => position.number)).toEqual(told.map((_, index) => index + 1))
    expect(order[0]).toBe('told')
  })

  it('does not report an event that the log had already', async () => {
    const log = await open(':memory:')
    const told: LogEntry[] = []
    log.follow(lobby, { event: (entry) => told.push(entry), missed: nothing })
    await log.append(line('a', { id: 'x' }))
    await log.append(line('a', { id: 'x' }))
    expect(texts(told)).toEqual(['a'])
  })

  it('reports an event when readers can already read it', async () => {
    const log = await open(':memory:')
    const read: Promise<boolean>[] = []
    log.follow(lobby, {
      event: ({ position: { log: id, number } }) => {
        const position = { log: id, number: number - 1 }
        read.push(
          Promise.resolve(log.after({ ...page, position })).then(
            ({ entries }) => entries[0]?.position.number === number,
          ),
        )
      },
      missed: nothing,
    })
    await Promise.all(['a', 'b', 'c'].map((text) => log.append(line(text))))
    expect(await Promise.all(read)).toEqual([true, true, true])
  })

  it('ends with stop, even in the middle of events that arrive together', async () => {
    const log = await open(':memory:')
    const told: string[] = []
    const first = log.follow(lobby, {
      event(entry) {
        told.push(...texts([entry]))
        first.stop()
        first.stop()
        second.stop()
      },
      missed: nothing,
    })
    const second = log.follow(lobby, { event: () => told.push('second'), missed: nothing })
    await Promise.all(['a', 'b'].map((text) => log.append(line(text))))
    expect(told).toEqual(['a'])
  })

  it('never calls back inside append or follow', async () => {
    const log = await open(':memory:')
    let isInside = false
    const inside: boolean[] = []
    log.follow(lobby, {
      event(entry) {
        inside.push(isInside)
        if (texts([entry])[0] !== 'a') return
        isInside = true
        void log.append(line('b'))
        log.follow(lobby, { event: () => inside.push(isInside), missed: nothing })
        isInside = false
      },
      missed: nothing,
    })
    await log.append(line('a'))
    await log.append(line('c'))
    expect(inside).toEqual([false, false, false, false, false])
  })
})
