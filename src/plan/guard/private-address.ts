import { BlockList, isIP } from 'node:net'

/**
 * Addresses that a test may load without being asked: they cannot be somebody else's public
 * service. Loopback and "this host" (RFC 1122, 4291), private networks (RFC 1918, 4193),
 * link-local (RFC 3927, 4291) and the shared space 100.64.0.0/10 (RFC 6598), which clusters and
 * overlay networks use.
 */
const privateBlocks: readonly (readonly [network: string, prefixBits: number])[] = [
  ['0.0.0.0', 32],
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
]

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const blocks = new BlockList()
for (const [network, prefixBits] of privateBlocks) {
  blocks.addSubnet(network, prefixBits, familyOf(network))
}

/**
 * Whether an IPv4 or IPv6 address (no brackets; a zone such as %eth0 is ignored) is loopback,
 * private or link-local. An IPv4 address written as IPv6 (::ffff:10.0.0.1) counts as what it is.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  return isIP(bare) !== 0 && blocks.check(bare, familyOf(bare))
}
