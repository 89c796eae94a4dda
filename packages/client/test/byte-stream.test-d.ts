import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import type {
  CompletionPort,
  Connection,
  ConnectionSink,
  SendVerdict as PortVerdict,
} from '@frameport/iocp-core'
import type { shapes } from '@frameport/protocol/checks'
import { expectTypeOf } from 'vitest'

// The core declares the same shape without importing it. These lines keep the two equal.
expectTypeOf<Connection>().toExtend<ByteStream>()
expectTypeOf<ByteStreamSink>().toExtend<ConnectionSink>()
expectTypeOf<ConnectionSink>().toExtend<ByteStreamSink>()
expectTypeOf<PortVerdict>().toEqualTypeOf<SendVerdict>()

// The options of client and server require these methods without importing the type.
expectTypeOf<(typeof shapes.completionPort.methods)[number]>().toExtend<keyof CompletionPort>()
