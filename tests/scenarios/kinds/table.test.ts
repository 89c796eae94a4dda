import { describe, expect, it } from 'vitest'
import { kinds } from './contract.ts'
import { cellsOf, type Happening } from './happening.ts'
import { happenings } from './happenings.ts'
import { stageNames, stages } from './stages.ts'

/** A letter for each stage: the kind does not have it, it has a test, or the question makes no sense. */
function lineOf(happening: Happening): string {
  const cells = [...cellsOf(happening)]
  const line = kinds.map((kind) => {
    const ofKind = cells.filter((one) => one.kind === kind)
    return ofKind
      .map(({ stage, cell }) => {
        if (!('absent' in cell)) return 'x'
        return kind in stages[stage].absent ? '·' : '-'
      })
      .join('')
  })
  return `${line.join(' ')} ${happening.name}`
}

describe('The table of kinds, stages and happenings', () => {
  it('has a cell or a reason for each, and these tests', () => {
    expect([stageNames.map((name) => name[0]).join(''), ...happenings.map(lineOf)]).toMatchInlineSnapshot(`
      [
        "uarcccccia",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· that nothing happens to",
        "--x······- --x···xx·- --xxxx···- --xxxxxxx- ---······· whose handler fails with an error of its procedure",
        "--x······- --x···xx·- --xxxx···- --xxxxxxx- --x······· whose handler fails with a standard code",
        "--x······- --x···xx·- --xxxx···- --xxxxxxx- --x······· whose handler throws an error that is no RpcError",
        "---······- ---···--·- -xxxx-···x -xxxx-xxxx ---······· whose source fails at its caller",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· that its caller cancels",
        "---······- xxx···xx·x ------···- xxxxxxxxxx ---······· whose loop its caller leaves",
        "---······- ---···--·- --xxx-···- --xxx-xxx- ---······· whose callee takes no more items",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· whose deadline passes",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· whose connection breaks at its caller",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· whose connection breaks at its callee",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· whose connection its caller ends without waiting",
        "xxx······x xxx···xx·x xxxxxx···x xxxxxxxxxx xxx······· whose connection its callee ends without waiting",
      ]
    `)
  })

  it('gives a reason for each cell without a test', () => {
    const reasons = happenings.flatMap((one) =>
      [...cellsOf(one)].flatMap(({ cell }) => ('absent' in cell ? [cell.absent] : [])),
    )
    for (const reason of reasons) expect(reason).toMatch(/^[a-z][^.]{10,}$/)
  })

  it('names each happening once', () => {
    const names = happenings.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})
