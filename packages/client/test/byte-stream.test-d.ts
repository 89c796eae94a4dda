import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import type { Connection, ConnectionSink, SendVerdict as PortVerdict } from '@frameport/iocp-core'
import { expectTypeOf } from 'vitest'

// The core repeats the seam without importing it: this holds both shapes together.
expectTypeOf<Connection>().toExtend<ByteStream>()
expectTypeOf<ByteStreamSink>().toExtend<ConnectionSink>()
expectTypeOf<ConnectionSink>().toExtend<ByteStreamSink>()
expectTypeOf<PortVerdict>().toEqualTypeOf<SendVerdict>()
