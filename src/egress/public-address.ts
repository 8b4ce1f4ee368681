// Which IP addresses anybody on the internet may be at. All others (this machine, its networks, what only routers use) are
// reached only where an operator said so.
import { BlockList, isIP } from 'node:net';

/** RFC 6890 and its successors, and those that wrap an IPv4 address of any kind: NAT64, 6to4, Teredo. */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;
const PUBLIC_IPV6 = '2000::/3';
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;

const refusedIpv4 = listOf(NOT_PUBLIC_IPV4, 'ipv4');
const globalIpv6 = listOf([PUBLIC_IPV6], 'ipv6');
const refusedIpv6 = listOf(NOT_PUBLIC_IPV6, 'ipv6');
const mappedIpv4 = listOf(['::ffff:0:0/96'], 'ipv6');

/** @param address as the resolver gives it, or as a URL's host without brackets; what is no address is not public */
export function isPublicAddress(address: string): boolean {
  const zone = address.indexOf('%');
  const plain = zone === -1 ? address : address.slice(0, zone);
  switch (isIP(plain)) {
    case 4:
      return !refusedIpv4.check(plain, 'ipv4');
    case 6:
      // A mapped address is an IPv4 one: `BlockList` asks the IPv4 rules for it.
      if (mappedIpv4.check(plain, 'ipv6')) return !refusedIpv4.check(plain, 'ipv6');
      return globalIpv6.check(plain, 'ipv6') && !refusedIpv6.check(plain, 'ipv6');
    default:
      return false;
  }
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
