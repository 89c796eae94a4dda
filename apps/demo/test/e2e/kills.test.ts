import { afterEach, expect, test } from 'vitest'
import { problemsOf } from '../../src/commands/kills/check-lines.ts'
import { Programs } from '../support/program.ts'

const programs = new Programs()
afterEach(() => programs.endAll())

test('a server that is killed between confirmations keeps every confirmed line, in order, once', {
  timeout: 300_000,
}, async () => {
  const kills = programs.command('apps/demo/src/commands/kills.ts', ['--rounds', '5'])
  expect(await kills.end()).toMatchObject({ exitCode: 0 })
  expect(kills.output).toMatch(/^5 kills, \d+ lines confirmed, \d+ kept\.$/m)
  expect(kills.output).toMatch(/^[1-9]\d* lines were sent again; the log had \d+ of them\.$/m)
  expect(kills.output).toContain('Every confirmed line is there, in order, once.')
  expect(kills.errors).toBe('')
})

test('the check finds a line that is lost, duplicated, in the wrong place, or unknown', () => {
  const line = (text: string, number: number) => ({ text, number })
  const confirmed = [line('1', 3), line('2', 4), line('3', 7)]
  expect(problemsOf(confirmed, confirmed)).toEqual([])
  const problems = (...kept: Parameters<typeof problemsOf>[1]) => problemsOf(confirmed, kept).join('; ')
  expect(problems(line('1', 3), line('3', 7))).toBe('"2" was confirmed as 4 and is not there')
  expect(problems(...confirmed, line('2', 8))).toContain('"2" is there 2 times: 4, 8')
  expect(problems(line('1', 3), line('2', 5), line('3', 7))).toBe('"2" was confirmed as 4 and is 5')
  expect(problems(line('1', 3), line('3', 7), line('2', 4))).toContain('"2" (4) stands behind 7')
  expect(problems(line('2', 4), line('1', 5), line('3', 7))).toContain('in another order')
  expect(problems(...confirmed, line('4', 9))).toBe('"4" is there and was never confirmed')
})
