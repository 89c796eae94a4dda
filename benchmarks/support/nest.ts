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
import { checkAnswer, Reading, reading } from './message.ts'
import { streamSteps, unarySteps } from './sizes.ts'
import type { Load, Served, Work } from './work.ts'

/** NestJS over its own TCP transport. It has no back-pressure of items: they leave as they are made. */

const host = '127.0.0.1'
const Readings = z.object({ items: z.number().int() })

@Controller()
class House {
  @MessagePattern('set')
  async set(data: unknown): Promise<Reading> {
    const { id, room, degrees, note } = Reading.parse(data)
    return { id, room, degrees, note }
  }

  @MessagePattern('readings')
  readings(data: unknown): Observable<Reading> {
    return from(itemsOf(Readings.parse(data).items))
  }
}

async function* itemsOf(items: number): AsyncGenerator<Reading> {
  for (let number = 0; number < items; number++) yield reading(number)
}

@Module({ controllers: [House] })
class HouseModule {}

async function serve(): Promise<Served> {
  const options = { transport: Transport.TCP, options: { host, port: 0 } } as const
  const app = await NestFactory.createMicroservice(HouseModule, { ...options, logger: false })
  await app.listen()
  const address = app.unwrap<Server>().address()
  if (address === null || typeof address === 'string') throw new Error('NestJS does not say its port.')
  return { port: address.port }
}

async function connect(port: number): Promise<ClientTCP> {
  const options: TcpClientOptions = { transport: Transport.TCP, options: { host, port } }
  const client = ClientProxyFactory.create(options) as ClientTCP
  await client.connect()
  return client
}

export function nestUnary(inFlight: number): Work {
  return {
    serve,
    async connect(port): Promise<Load> {
      const client = await connect(port)
      let number = 0
      return {
        ...unarySteps(inFlight),
        async step() {
          const input = reading(number++)
          const answer = await firstValueFrom(client.send<unknown, Reading>('set', input))
          checkAnswer(Reading.parse(answer), input.id)
        },
      }
    },
  }
}

export function nestStream(items: number): Work {
  return {
    serve,
    async connect(port): Promise<Load> {
      const client = await connect(port)
      return {
        ...streamSteps(items),
        async step() {
          let number = 0
          await client.send<unknown, object>('readings', { items }).forEach((item) => {
            checkAnswer(Reading.parse(item), reading(number++).id)
          })
          if (number !== items) throw new Error(`The stream ended after ${number} items.`)
        },
      }
    },
  }
}
