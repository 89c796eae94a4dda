/** The parts into which the CPU time of a process is split. */
export interface Part {
  readonly name: string
  readonly samples: number
  /** The functions with the most samples, in descending order. */
  readonly functions: readonly { readonly name: string; readonly samples: number }[]
}

const functionsMost = 6

/** The samples of a process (see `Perf`) by packages and programs, in descending order. */
export function partsOf(lines: readonly string[]): Part[] {
  const parts = new Map<string, Map<string, number>>()
  for (const line of lines) {
    const { part, name } = placeOf(line)
    const functions = parts.get(part) ?? new Map<string, number>()
    parts.set(part, functions)
    functions.set(name, (functions.get(name) ?? 0) + 1)
  }
  return [...parts]
    .map(([name, functions]) => ({
      name,
      samples: [...functions.values()].reduce((sum, samples) => sum + samples, 0),
      functions: [...functions]
        .map(([of, samples]) => ({ name: of, samples }))
        .sort((one, other) => other.samples - one.samples)
        .slice(0, functionsMost),
    }))
    .sort((one, other) => other.samples - one.samples)
}

interface Place {
  readonly part: string
  readonly name: string
}

/** `7f12 JS:*send file:///…/index.js:12:3 (/tmp/perf-1.map)` */
function placeOf(line: string): Place {
  const [, symbol = '', object = ''] = /^\s*[0-9a-f]+\s+(.*) \(([^()]*)\)\s*$/.exec(line) ?? []
  const name = symbol.replace(/\+0x[0-9a-f]+$/, '')
  if (object.startsWith('[')) return { part: 'the kernel', name }
  if (object.endsWith('.map')) return placeOfGenerated(name)
  const file = object.split('/').at(-1)!
  if (file.endsWith('.node')) return { part: `the addon ${file}`, name: shortened(name) }
  if (!file.startsWith('node')) return { part: file, name }
  return { part: partOfEngine(name), name: shortened(name) }
}

const collection =
  /v8::internal::(?:\w*(?:Scaveng|MarkCompact|Marking|Sweep|Evacuat|Heap::|GCTracer|NewSpace|PagedSpace|YoungGen|Minor|Concurrent|IterateAndScavenge|PointersUpdating|RememberedSet|SlotSet|GlobalHandles))|YoungGeneration/

/** V8 and Node.js in one program. */
function partOfEngine(name: string): string {
  if (/Json(?:Parse|Stringif)/.test(name)) return 'JSON, in V8'
  if (name.startsWith('Builtins_')) return 'builtins of V8'
  return collection.test(name) ? 'garbage collection' : restOfEngine
}

const restOfEngine = 'V8 and Node.js, in C++'

function placeOfGenerated(symbol: string): Place {
  const [, name, url] =
    /^(?:JS|Function|LazyCompile|Eval|Script):[~^*+]?(\S*) (\S+?)(?::\d+)*$/.exec(symbol) ?? []
  if (url === undefined) return { part: restOfEngine, name: symbol }
  const shown = name === '' ? '(anonymous)' : name!
  if (url.startsWith('node:')) return { part: 'Node.js, in JavaScript', name: shown }
  const inPackage = url.split('/node_modules/').at(-1)!
  if (inPackage === url) return { part: 'the program of the benchmark', name: shown }
  const [first, second] = inPackage.split('/')
  return { part: first!.startsWith('@') ? `${first}/${second}` : first!, name: shown }
}

/** Without parameters, name spaces and template arguments, which are longer than the name. */
function shortened(name: string): string {
  let plain = name.replaceAll('(anonymous namespace)::', '')
  for (let before = ''; before !== plain; ) {
    before = plain
    plain = plain.replace(/<[^<>]*>/g, '')
  }
  return plain.replace(/\(.*$/, '').split(' ').at(-1)!.split('::').slice(-2).join('::')
}
