import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

// What @MessagePattern and @EventPattern name in two programs stands in one contract.
const math = contract('math', {
  version: 1,
  procedures: {
    sum: procedure({ input: z.array(z.number()), output: z.number() }), // @MessagePattern({ cmd: 'sum' })
    range: procedure({ input: z.number(), items: z.number() }), // a handler that returns an Observable
    used: procedure({ input: z.string(), oneWay: true }), // @EventPattern('used')
  },
})

/** A provider, as the container of dependency injection makes it. Frameport has no container: pass what handlers need. */
class MathService {
  sum(numbers: readonly number[]) {
    return numbers.reduce((a, b) => a + b, 0)
  }
}

let wasUsed = (_by: string) => {}
const handlers = (service: MathService) =>
  implement(math).handlers({
    sum: ({ input }) => service.sum(input),
    async *range({ input }) {
      for (let number = 0; number < input; number++) yield number
    },
    used: ({ input }) => wasUsed(input),
  })
const server = createServer(handlers(new MathService()))
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(math, listener.url)
// firstValueFrom(proxy.send({ cmd: 'sum' }, [1, 2, 3]).pipe(timeout(5_000)))
console.log(await client.sum([1, 2, 3], { deadlineMs: 5_000 }))
// proxy.send('range', 1_000_000).pipe(take(2))
for await (const number of client.range(1_000_000)) {
  console.log(number)
  if (number === 1) break // ends the loop of the handler, too
}
// proxy.emit('used', 'the guide')
const used = new Promise((resolve) => {
  wasUsed = resolve
})
await client.used('the guide')
console.log(await used)

const wrong = await safe(client.sum(['1'] as unknown as number[]))
console.log(wrong.error?.code)
await client.$close()
await server.close()

//> 6
//> 0
//> 1
//> the guide
//> INVALID_ARGUMENT
