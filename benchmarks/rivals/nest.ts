import 'reflect-metadata'
import type { Server } from 'node:net'
import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  ClientProxyFactory,
  type ClientTCP,
  MessagePattern,
  type TcpClientOptions,
  Transport,
} from '@nestjs/microservices'
import { firstValueFrom, from, type Observable } from 'rxjs'
import { z } from 'zod'
import { Reading, readingOf } from '../support/message.ts'
import { type Connection, type Contestant, host } from '../support/rival/contestant.ts'

/**
 * NestJS over its TCP transport (https://docs.nestjs.com/microservices/basics). Patterns are objects, as there under "Request-response": a pattern that is a
 * text is tried as JSON at each call, which throws, and a third of the server's time goes into the stack of that error. A handler that returns an observable answers with
 * several messages ("Asynchronous responses" there); they leave as they are made, without back-pressure. It has no
 * uploads, and events go from the client to the server alone. Version 11: a dependency of version 12 wants Node.js 22.
 */
const Readings = z.object({ items: z.number().int() })

const set = { cmd: 'set' }
const readings = { cmd: 'readings' }

@Controller()
class House {
  @MessagePattern(set)
  async set(data: unknown): Promise<Reading> {
    return Reading.parse(data)
  }

  @MessagePattern(readings)
  readings(data: unknown): Observable<Reading> {
    return from(itemsOf(Readings.parse(data).items))
  }
}

async function* itemsOf(items: number): AsyncGenerator<Reading> {
  for (let number = 0; number < items; number++) yield readingOf(number)
}

@Module({ controllers: [House] })
class HouseModule {}

export const contestant: Contestant = {
  async serve() {
    const options = { transport: Transport.TCP, options: { host, port: 0 } } as const
    const app = await NestFactory.createMicroservice(HouseModule, { ...options, logger: false })
    await app.listen()
    const address = app.unwrap<Server>().address()
    if (address === null || typeof address === 'string') throw new Error('NestJS does not say its port.')
    return { port: address.port }
  },

  async connect(port): Promise<Connection> {
    const options: TcpClientOptions = { transport: Transport.TCP, options: { host, port } }
    const client = ClientProxyFactory.create(options) as ClientTCP
    await client.connect()
    return {
      call: async (message) => Reading.parse(await firstValueFrom(client.send(set, message))),
      stream: (items, onItem) =>
        client.send<unknown, object>(readings, { items }).forEach((item) => {
          onItem(Reading.parse(item))
        }),
    }
  },
}
