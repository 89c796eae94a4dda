import type { Happening } from '../happening.ts'

const answered: Happening = {
  name: 'that nothing happens to',
  keepsConnection: true,
  happen: ({ world }) => world.settle(),
  rows: [
    { stages: ['answering'], cell: { caller: 'answer', callee: 'answered' } },
    { cell: { caller: 'answer', callee: 'goes on' } },
  ],
}

export const answers = [answered]
