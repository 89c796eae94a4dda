import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../benchmarks/src/profile/parts.ts'
import { profileTable } from '../../../benchmarks/src/profile/report.ts'

const packed = 'file:///somewhere/packed/node_modules'
const samples = [
  ' ffffffff8a1 _raw_spin_unlock_irqrestore+0x17 ([kernel.kallsyms])',
  ` 7f5e01 JS:*send ${packed}/@frameport/framing/dist/index.js:12:3 (/tmp/perf-31.map)`,
  ` 7f5e02 JS:*send ${packed}/@frameport/framing/dist/index.js:12:3 (/tmp/perf-31.map)`,
  ` 7f5e03 JS:^ ${packed}/@frameport/framing/dist/index.js:90:9 (/tmp/perf-31.map)`,
  ` 7f5e04 JS:*parse ${packed}/zod/v4/core/parse.js:5:1 (/tmp/perf-31.map)`,
  ' 7f5e05 JS:*processImmediate node:internal/timers:434:27 (/tmp/perf-31.map)',
  ' 7f5e06 JS:*step file:///somewhere/packed/programs/ours.mjs:3:1 (/tmp/perf-31.map)',
  ' 55aa01 v8::internal::JsonParser<unsigned char>::ParseJsonValue<false>(int)+0x9 (/usr/bin/node)',
  ' 55aa02 void v8::internal::Scavenger::ScavengeObject<v8::internal::A>(int, char)+0x1 (/usr/bin/node)',
  ' 55aa03 Builtins_LoadIC+0x44 (/usr/bin/node)',
  ' 55aa04 v8::internal::(anonymous namespace)::Runtime::Enter(int)+0x1 (/usr/bin/node)',
  ' 66bb01 frameport::Engine::flush(unsigned int)+0x10 (/somewhere/frameport.node)',
  ' 77cc01 malloc+0x2 (/usr/lib/libc.so.6)',
]

describe('a profile', () => {
  it('splits the samples of perf by kernel, engine, packages and functions, largest first', () => {
    const parts = partsOf(samples)
    expect(parts[0]).toEqual({
      name: '@frameport/framing',
      samples: 3,
      functions: [
        { name: 'send', samples: 2 },
        { name: '(anonymous)', samples: 1 },
      ],
    })
    const others = parts.slice(1).map(({ name, functions }) => [name, functions[0]!.name])
    expect(Object.fromEntries(others)).toEqual({
      'the kernel': '_raw_spin_unlock_irqrestore',
      zod: 'parse',
      'Node.js, in JavaScript': 'processImmediate',
      'the program of the benchmark': 'step',
      'JSON, in V8': 'JsonParser::ParseJsonValue',
      'garbage collection': 'Scavenger::ScavengeObject',
      'builtins of V8': 'Builtins_LoadIC',
      'V8 and Node.js, in C++': 'Runtime::Enter',
      'the addon frameport.node': 'Engine::flush',
      'libc.so.6': 'malloc',
    })
  })

  it('shows the part of each in the CPU time of a unit, and omits parts below one sample in a hundred', () => {
    const line = (index: number) => samples[index]!
    const many = [...Array<string>(150).fill(line(1)), ...Array<string>(49).fill(line(0)), line(12)]
    const { rows } = profileTable('a title', 'call', { parts: partsOf(many), usPerUnit: 10 })
    expect(rows).toEqual([
      ['@frameport/framing', '75.0 %', '7.5', 'send 75.0 %'],
      ['the kernel', '24.5 %', '2.45', '_raw_spin_unlock_irqrestore 24.5 %'],
      ['all (200 samples)', '', '10', ''],
    ])
  })
})
