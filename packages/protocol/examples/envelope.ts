import { ProtocolError } from '@frameport/protocol'
import { decodeEnvelope, encodeBody, encodeEnvelope } from '@frameport/protocol/envelope'

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

const { header, body } = encodeEnvelope({
  kind: 'call',
  callId: 1,
  procedure: 'chat@1/join',
  deadlineMs: 500,
  upload: false,
  metadata: {},
  body: encodeBody({ kind: 'value', value: ['lobby'] }),
})
console.log(hex(header)) //> 01 11 01 0b 63 68 61 74 40 31 2f 6a 6f 69 6e f4 03
console.log(hex(body)) //> 5b 22 6c 6f 62 62 79 22 5d

const payload = Uint8Array.of(...header, ...body)
const envelope = decodeEnvelope(payload)
if (envelope.kind === 'call') {
  console.log(envelope.procedure, envelope.deadlineMs) //> chat@1/join 500
}

try {
  decodeEnvelope(payload.subarray(0, 8))
} catch (error) {
  if (ProtocolError.is(error)) console.log(error.code) //> MALFORMED_ENVELOPE
}
