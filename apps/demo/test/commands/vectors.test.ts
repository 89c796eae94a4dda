import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runVector } from '../../src/commands/vectors/run-vector.ts'
import { readCase } from '../../src/commands/vectors/vector-case.ts'
import { runCommand } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'frameport-vectors-'))
afterAll(() => rmSync(folder, { recursive: true }))

const base = {
  lengthFieldLength: 4,
  lengthFieldOffset: 0,
  lengthAdjustment: 0,
  initialBytesToStrip: 4,
  byteOrder: 'big',
}

interface Written {
  readonly [field: string]: unknown
}

function decoding(fields: Written): Written {
  const { options, ...rest } = fields
  return {
    source: 'here',
    name: 'x',
    direction: 'decode',
    options: { ...base, ...(options as object) },
    end: 'open',
    ...rest,
  }
}

function encoding(fields: Written): Written {
  return { ...decoding(fields), direction: 'encode' }
}

/** The result of one case: the error, the reason for skipping it, or `passed`. */
async function outcomeOf(entry: unknown): Promise<string> {
  const read = readCase(entry, 0)
  if (read.kind !== 'case') return `${read.kind}: ${read.reason}`
  return (await runVector(read.vector)) ?? 'passed'
}

function outcomesOf(...entries: readonly unknown[]): Promise<string[]> {
  return Promise.all(entries.map(outcomeOf))
}

describe('The vectors command', () => {
  it('passes the cases of this repository and prints nothing else', async () => {
    const names = ['derived', 'tokio-util', 'twisted']
    const files = names.map((name) =>
      fileURLToPath(new URL(`../../../../packages/framing/test/data/vectors/${name}.json`, import.meta.url)),
    )
    expect(await runCommand('vectors', ...files)).toEqual({
      code: 0,
      stdout: '66 passed, 0 failed, 0 skipped\n',
      stderr: '',
    })
  })

  it('counts a limit like the source of the case: payload, field, or the whole frame', async () => {
    const chunks = ['0000000561616161610000000662']
    const expected = { frames: ['6161616161'], error: 'frame-too-long' }
    const result = await outcomesOf(
      decoding({ options: { maxPayload: 5 }, chunks, expect: expected }),
      decoding({ options: { maxFieldValue: 5 }, chunks, expect: expected }),
      decoding({ options: { maxWholeFrame: 9 }, chunks, expect: expected }),
      decoding({
        options: { maxWholeFrame: 99 },
        chunks: [{ setMax: 9 }, ...chunks],
        expect: expected,
      }),
      encoding({
        options: { maxWholeFrame: 9 },
        payloads: ['616161616161'],
        expect: { error: 'frame-too-long' },
      }),
    )
    expect(result).toEqual(Array(5).fill('passed'))
  })

  it('stops after a frame that is too long, even if the source continues', async () => {
    const chunks = ['0000000161', '0000000a', '0000000162']
    const policy = decoding({
      note: 'recovers with the next frame',
      options: { maxWholeFrame: 9 },
      chunks,
      expect: { frames: ['61', '62'], error: 'frame-too-long' },
    })
    expect(await outcomeOf(policy)).toBe('passed')
  })

  it('treats its report of a partial frame at the end like the silence of some sources', async () => {
    const partial = { chunks: ['00000005aa'], end: 'eof' }
    const result = await outcomesOf(
      decoding({ ...partial, expect: { frames: [], needMore: true } }),
      decoding({
        ...partial,
        source: 'netty/netty LengthFieldBasedFrameDecoderTest',
        expect: { frames: [] },
      }),
      decoding({ ...partial, expect: { frames: [] } }),
    )
    expect(result).toEqual([
      'passed',
      'passed',
      expect.stringContaining('TRUNCATED and no error was expected'),
    ])
  })

  it('treats a length with the top bit set as too long, which other decoders call negative', async () => {
    const result = await outcomesOf(
      decoding({ chunks: ['80000000'], expect: { frames: [], error: 'negative-length' } }),
      decoding({
        name: 'positive',
        options: { maxPayload: 5 },
        chunks: ['00000006'],
        expect: { frames: [], error: 'negative-length' },
      }),
    )
    expect(result).toEqual(['passed', expect.stringContaining('FRAME_TOO_LONG instead of negative-length')])
  })

  it('runs frames and payloads that exceed the memory', async () => {
    const result = await outcomesOf(
      decoding({
        options: { maxPayload: 0xffff_ffff },
        chunks: ['ffffffff61'],
        expect: { frames: [], needMore: true },
      }),
      encoding({ payloads: [{ rep: '62', n: 2 ** 32 }], expect: { error: 'frame-too-long' } }),
      decoding({
        options: { byteOrder: 'little' },
        chunks: [{ head: '00000002', rep: '61', n: 2 ** 25 }],
        expect: { frames: [{ rep: '61', n: 2 ** 25 }] },
      }),
    )
    expect(result).toEqual(Array(3).fill('passed'))
  })

  it.each([
    [
      'a frame that differs',
      { chunks: ['0000000161'], expect: { frames: ['62'] } },
      'frame 1 of 1 bytes differs',
    ],
    [
      'a missing frame',
      { chunks: ['0000000161'], expect: { frames: ['61', '62'] } },
      '1 frames instead of 2',
    ],
    [
      'an unexpected frame',
      { chunks: ['0000000161'], expect: { frames: [] } },
      'frame 1 of 1 bytes was not expected',
    ],
    [
      'a missing error',
      { chunks: ['0000000161'], expect: { frames: ['61'], error: 'truncated' } },
      'no error instead of truncated',
    ],
    [
      'unexpected remaining bytes',
      { chunks: ['000000'], expect: { frames: [], needMore: false } },
      'a partial frame is held',
    ],
    ['invalid digits', { chunks: ['0g'], expect: { frames: [] } }, 'malformed: "0g" is not an even number'],
    ['an unknown error kind', { chunks: [], expect: { error: 'odd' } }, 'malformed: no error kind is odd'],
    ['nothing expected', { chunks: [], expect: {} }, 'malformed: nothing is expected'],
  ])('fails a case with %s, and prints the reason', async (_name, fields, text) => {
    expect(await outcomeOf(decoding(fields))).toContain(text)
  })

  it('fails an encoding whose bytes differ, in each way of writing', async () => {
    const wrong = encoding({ payloads: ['61'], expect: { bytes: '0000000162' } })
    expect(await outcomeOf(wrong)).toBe('in parts: the bytes written differ')
  })

  it.each([
    ['another length field', { lengthFieldLength: 2 }, 'a length field of 2 bytes: this codec has 4'],
    ['an offset', { lengthFieldOffset: 1 }, 'a length field at offset 1: here it comes first'],
    [
      'an adjustment',
      { lengthAdjustment: -4 },
      'a length adjusted by -4: here the length counts the payload alone',
    ],
    [
      'a header that is kept',
      { initialBytesToStrip: 0 },
      '0 bytes stripped from a frame: this codec hands out the payload, 4 stripped',
    ],
    ['an unknown option', { checksum: 'crc32' }, 'the option checksum is not one this codec knows'],
  ])('skips a format with %s, and prints the reason', async (_name, options, reason) => {
    expect(await outcomeOf(decoding({ options, chunks: [], expect: { frames: [] } }))).toBe(`skip: ${reason}`)
  })

  it('prints failures, the reason for each skip, and the counts at the end, and exits with 1 after a failure', async () => {
    const file = join(folder, 'mixed.json')
    const wrong = decoding({ name: 'wrong', chunks: ['0000000161'], expect: { frames: ['62'] } })
    const call = { name: 'empty_unary', level: 'unary', steps: [], expect: { status: 'OK' } }
    const entries = [wrong, decoding({ chunks: [], expect: { frames: [] } }), call, 7]
    writeFileSync(file, JSON.stringify(entries))
    const { code, stdout } = await runCommand('vectors', file)
    expect(code).toBe(1)
    expect(stdout.trimEnd().replaceAll(file, 'FILE').split('\n')).toEqual([
      'FAIL  FILE: wrong: frame 1 of 1 bytes differs',
      'skip  FILE: empty_unary: not a framing case: it has no direction and no options',
      'skip  FILE: case 4: not a framing case: it has no direction and no options',
      '1 passed, 1 failed, 2 skipped',
    ])
  })

  it.each([
    ['is not there', join(folder, 'absent.json'), 'there is no such file'],
    ['is a folder', folder, 'this is a folder'],
  ])('exits with 2 and a sentence when a file %s', async (_name, file, text) => {
    const result = await runCommand('vectors', file)
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain(text)
  })

  it.each([
    ['{', 'this is not JSON'],
    ['{}', 'not a list of cases'],
  ])('exits with 2 and a sentence for a file that holds %s', async (text, sentence) => {
    const file = join(folder, 'bad.json')
    writeFileSync(file, text)
    const result = await runCommand('vectors', file)
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain(sentence)
  })
})
