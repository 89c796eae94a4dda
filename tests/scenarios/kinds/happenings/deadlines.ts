import type { Happening } from '../happening.ts'

const deadlineMs = 1_000

const late: Happening = {
  name: 'whose deadline passes',
  options: { deadlineMs },
  keepsConnection: true,
  happen: ({ pass }) => pass(deadlineMs),
  rows: [
    { stages: ['unsent'], cell: { caller: 'DEADLINE_EXCEEDED', maybeExecuted: false, callee: 'never runs' } },
    {
      stages: ['arrived'],
      kinds: ['one-way'],
      cell: { caller: 'answer', callee: 'never runs' },
    },
    { kinds: ['one-way'], cell: { caller: 'answer', callee: 'DEADLINE_EXCEEDED' } },
    { stages: ['arrived'], cell: { caller: 'DEADLINE_EXCEEDED', maybeExecuted: true, callee: 'never runs' } },
    {
      stages: ['answering'],
      cell: { caller: ['DEADLINE_EXCEEDED', 'answer'], maybeExecuted: true, callee: 'answered' },
    },
    { cell: { caller: 'DEADLINE_EXCEEDED', maybeExecuted: true, callee: 'DEADLINE_EXCEEDED' } },
  ],
}

export const deadlines = [late]
