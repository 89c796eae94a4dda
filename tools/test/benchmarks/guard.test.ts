import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { worksOf } from '../../../benchmarks/src/bundle.ts'
import type { CostJudgement } from '../../../benchmarks/src/costs.ts'
import { readGuardOptions } from '../../../benchmarks/src/guard-options.ts'
import { sentence } from '../../../benchmarks/src/guard-report.ts'
import { readSide } from '../../../benchmarks/src/side.ts'
import { judge } from '../../../benchmarks/src/verdict.ts'
import { repositoryRoot } from '../../src/repository.ts'
import { roundsOf } from './runs.ts'

const root = repositoryRoot
const guard = (...args: string[]) =>
  execa('node', ['--import', 'tsx', 'benchmarks/src/guard.ts', ...args], { cwd: root, reject: false })

describe('a side of bench:guard', () => {
  it.each([
    ['', {}],
    [':FRAMEPORT_BACKEND=net', { FRAMEPORT_BACKEND: 'net' }],
    [':A=1,B_2=x:y', { A: '1', B_2: 'x:y' }],
    [':NODE_OPTIONS=--a=1,--b,C=', { NODE_OPTIONS: '--a=1,--b', C: '' }],
  ])('is a checkout with the variables of %j', (settings, variables) => {
    expect(readSide('A', `${root}${settings}`)).toEqual({ name: 'A', folder: root, variables })
  })

  it('prefers its own variables to those of both sides', () => {
    const { variables } = readSide('A', `${root}:FRAMEPORT_BACKEND=net`, {
      FRAMEPORT_BACKEND: 'epoll',
      X: '1',
    })
    expect(variables).toEqual({ FRAMEPORT_BACKEND: 'net', X: '1' })
  })

  it('is refused if it is not a checkout', () => {
    expect(() => readSide('A', '/nowhere')).toThrow('/nowhere is not the root of a checkout')
  })
})

describe('the options of bench:guard', () => {
  it('measure everything in nine pairs by default', () => {
    expect(readGuardOptions([root, root])).toMatchObject({
      pairs: 9,
      allowedPercent: 3,
      allowedCostPercent: undefined,
      isSpeedMeasured: true,
      costs: ['bytes', 'system-calls', 'instructions'],
      works: worksOf('ours'),
    })
    expect(worksOf('ours')).toEqual(['events', 'stream', 'unary', 'unary-alone', 'upload'])
  })

  it('choose the work, the back end and the omitted measurements', () => {
    const args = ['--work', 'unary', '--back-end', 'net', '--without', 'speed', '--without', 'bytes']
    expect(readGuardOptions([root, root, ...args])).toMatchObject({
      works: ['unary'],
      isSpeedMeasured: false,
      costs: ['system-calls', 'instructions'],
      a: { variables: { FRAMEPORT_BACKEND: 'net' } },
      b: { variables: { FRAMEPORT_BACKEND: 'net' } },
    })
  })

  it.each([
    [[root], 'Two checkouts are compared, and 1 are named'],
    [[root, root, '--pairs', '8'], '--pairs is a number from 9, not 8'],
    [[root, root, '--allow', 'much'], '--allow is a number from 0, not much'],
    [[root, root, '--work', 'x'], '--work: there is no x, only events, stream, unary, unary-alone'],
    [
      [root, root, '--without', 'x'],
      '--without: there is no x, only speed, bytes, system-calls, instructions',
    ],
  ])('refuse %j', (args, text) => {
    expect(() => readGuardOptions(args)).toThrow(text)
  })
})

describe('the report of bench:guard', () => {
  const nine = (factor: number) => Array.from({ length: 9 }, () => factor)
  const speeds = (b: number) => judge('unary', roundsOf({ a: nine(1), b: nine(b), twin: nine(1) }), 3)
  const cost = (verdict: CostJudgement['verdict']): CostJudgement => ({
    ...{ name: 'unary: bytes', figure: 'bytes', a: [100], b: [110], medianOfA: 100, medianOfB: 110 },
    ...{ morePercent: 10, limitPercent: 1, verdict },
  })

  it('names the losses, and nothing else', () => {
    expect(sentence(speeds(1), [cost('held'), cost('new')])).toBe('B lost nothing against A.')
    expect(sentence(speeds(1), [cost('lost')])).toBe('B lost against A: "unary: bytes" grew by 10.00 %.')
    expect(sentence(speeds(1), [cost('gone')])).toContain('the source of "unary: bytes"')
    expect(sentence(speeds(0.9), [])).toMatch(
      /10\.0 % of unary per second; 10\.0 % of unary per CPU second of the server; /,
    )
  })

  it('has the exit code 2 if nothing could be measured, and is the usage on request', async () => {
    const nowhere = await guard(root, '/nowhere')
    expect(nowhere).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('/nowhere is not the root'),
    })
    expect(await guard('--help')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('--pairs N') })
  })
})
