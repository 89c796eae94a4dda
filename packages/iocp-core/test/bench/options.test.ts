import { describe, expect, it } from 'vitest'
import { readOptions } from '../../bench/options.ts'

describe('the options of the benchmark', () => {
  it('default to all contestants, sizes and settings', () => {
    const options = readOptions([])
    expect(options).toMatchObject({ rounds: 5, payloadBytes: [64, 1024, 16_384], contestants: undefined })
    expect(options?.settings.map(({ connections, depth }) => `${connections}x${depth}`)).toEqual([
      '1x1',
      '64x1',
      '64x16',
      '512x16',
    ])
  })

  it('override those of --quick when they are given', () => {
    expect(readOptions(['--quick', '--rounds', '3'])).toMatchObject({ rounds: 3, payloadBytes: [64, 16_384] })
  })

  it('read lists', () => {
    expect(readOptions(['--settings', '1x1, 8x2', '--contestants', 'ws,c++', '--idle', '0'])).toMatchObject({
      settings: [
        { connections: 1, depth: 1 },
        { connections: 8, depth: 2 },
      ],
      contestants: ['ws', 'c++'],
      idleConnections: [],
    })
  })

  it.each([
    [['--rounds', '0']],
    [['--payloads', '8']],
    [['--settings', '64']],
    [['--settings', '1x2x3']],
    [['--idle', '200,100']],
    [['--unknown']],
  ])('refuse %j', (args) => {
    expect(() => readOptions(args)).toThrow()
  })
})
