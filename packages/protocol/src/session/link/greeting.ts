import { emptyBody, encodeBody, jsonCodec } from '../../envelope/codec.ts'
import { announcedContract, wireContract } from '../../envelope/contract-announcement.ts'
import { envelopeLimits } from '../../envelope/envelope-limits.ts'
import { type Metadata, noMetadata } from '../../envelope/envelope-parts.ts'
import { protocolVersionMax, protocolVersionMin } from '../../envelope/kinds.ts'
import type { HelloEnvelope, Setting, WelcomeEnvelope } from '../../envelope/link-envelopes.ts'
import { peerText } from '../../envelope/peer-text.ts'
import { greaseSettingId, settingsOf, settingsToSend } from '../../envelope/settings.ts'
import type { PeerInfo } from '../common/peer-info.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { AskedResume, LinkOptions } from './link-types.ts'
import { sharedContracts, sharedSettings } from './said-before.ts'

/** Ids of the form 31 n + 27 below 4,096 take two bytes at most. */
const greaseIds = 131
const greaseValues = 2 ** 16

/** @param resume the session to resume */
export function helloOf(
  options: Omit<LinkOptions, 'handlers' | 'role'>,
  resume?: AskedResume,
): HelloEnvelope {
  return {
    kind: 'hello',
    versionMin: protocolVersionMin,
    versionMax: protocolVersionMax,
    codecs: [jsonCodec],
    settings: settingsWithGrease(options),
    contracts: options.contracts.map((contract) => wireContract(contract, 'calls')),
    resume,
    metadata: options.metadata ?? noMetadata,
    body: encodeBody(options.auth ?? emptyBody),
  }
}

/**
 * The welcome names the contracts that the hello requested, in every version, the highest first. So it is not much
 * longer than the hello.
 */
export function welcomeOf(
  options: LinkOptions,
  hello: HelloEnvelope,
  version: number,
  metadata: Metadata,
): WelcomeEnvelope {
  const asked = new Set(hello.contracts.map(({ name }) => name))
  return {
    kind: 'welcome',
    version,
    codec: jsonCodec,
    settings: settingsWithGrease(options),
    contracts: options.contracts
      .filter(({ name }) => asked.has(name))
      .sort((a, b) => b.version - a.version)
      .slice(0, envelopeLimits.contractsMax)
      .map((contract) => wireContract(contract, 'serves')),
    metadata: { ...options.metadata, ...metadata },
  }
}

/** Returns the settings of this side, and one without a meaning, because peers must ignore unknown settings. */
function settingsWithGrease({
  limits,
  environment,
}: {
  readonly limits: SessionLimits
  readonly environment: SessionEnvironment
}): Setting[] {
  const grease: Setting = [
    greaseSettingId(Math.floor(environment.random() * greaseIds)),
    Math.floor(environment.random() * greaseValues),
  ]
  return [...settingsToSend(announced(limits)), grease]
}

/** A side that keeps nothing announces no window. */
function announced(limits: SessionLimits): SessionLimits {
  return limits.resumeBytes === 0 ? { ...limits, resumeWindowMs: 0 } : limits
}

/** Returns the highest version that both sides speak. @throws SessionFault if there is none, or no common codec */
export function negotiate(hello: HelloEnvelope): number {
  const version = Math.min(hello.versionMax, protocolVersionMax)
  if (version < protocolVersionMin || version < hello.versionMin) {
    throw new SessionFault(
      'VERSION_UNSUPPORTED',
      `the client speaks protocol versions ${hello.versionMin} to ${hello.versionMax} and this server ` +
        `${protocolVersionMin} to ${protocolVersionMax}`,
    )
  }
  if (!hello.codecs.includes(jsonCodec)) {
    throw new SessionFault(
      'HELLO_REFUSED',
      `this server speaks the codec ${jsonCodec}, which the client does not offer`,
    )
  }
  return version
}

/** @throws SessionFault for a version or a codec that was not offered */
export function checkWelcome(welcome: WelcomeEnvelope): void {
  if (welcome.version < protocolVersionMin || welcome.version > protocolVersionMax) {
    throw new SessionFault(
      'VERSION_UNSUPPORTED',
      `the server chose version ${welcome.version}, which was not offered`,
    )
  }
  if (welcome.codec !== jsonCodec)
    throw violation(`the server chose the codec ${peerText(welcome.codec)}, which was not offered`)
}

/** Copies what is lent by the frame. */
export function peerInfo({ contracts, metadata, settings }: HelloEnvelope | WelcomeEnvelope): PeerInfo {
  return {
    contracts: sharedContracts(contracts.map(announcedContract)),
    metadata,
    settings: sharedSettings(settingsOf(settings)),
  }
}
