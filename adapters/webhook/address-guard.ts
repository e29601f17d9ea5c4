import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { WebhookNetwork } from '../../config/venue-webhooks.ts';

/** Why nothing was sent: the host stands for an address where webhooks may not go. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

/** Decides by addresses, not by names, what may be connected to. */
export interface AddressGuard {
  /** @throws ForbiddenAddressError when the URL names such an address itself: nothing is looked up for it then */
  check(url: string): void;
  /**
   * For sockets: they connect to what was checked, and ask nobody again. A name that stands for another address a moment later, to
   * lead a request into a network that trusts us, gains nothing.
   */
  readonly lookup: LookupFunction;
}

type Subnet = readonly [address: string, prefix: number];

/** Of venues, offices, clusters, and of this machine. */
const PRIVATE: readonly Subnet[] = [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10], ['127.0.0.0', 8], ['fc00::', 7], ['::1', 128]];

/** Of no use for webhooks: clouds tell who asks at 169.254.169.254 secrets of the machine; the others are many receivers, or none. */
const NEVER: readonly Subnet[] = [
  ['0.0.0.0', 8], ['169.254.0.0', 16], ['192.0.0.0', 24], ['198.18.0.0', 15], ['224.0.0.0', 4], ['240.0.0.0', 4],
  // Addresses of version 4 in the clothes of version 6 lead round all of the above: mapped, translated, 6to4, Teredo.
  ['::', 128], ['::ffff:0:0', 96], ['64:ff9b::', 32], ['2002::', 16], ['2001::', 32], ['fe80::', 10], ['fec0::', 10], ['ff00::', 8],
];

export function createAddressGuard(network: WebhookNetwork): AddressGuard {
  const isForbidden = toCheck(network === 'private' ? NEVER : [...NEVER, ...PRIVATE]);
  const isAllowed = (address: string) => !isForbidden(address);
  return {
    check(url) {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) !== 0 && !isAllowed(host)) throw new ForbiddenAddressError(host);
    },
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        const allowed = error === null ? addresses.filter(({ address }) => isAllowed(address)) : [];
        const problem = error ?? (allowed.length === 0 ? new ForbiddenAddressError(hostname) : null);
        if (options.all === true) callback(problem, allowed);
        else callback(problem, allowed[0]?.address ?? '', allowed[0]?.family);
      });
    },
  };
}

/** A list for each version: one for both takes every address of version 4 for its mapped form. */
function toCheck(subnets: readonly Subnet[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [address, prefix] of subnets) lists[toFamily(address)].addSubnet(address, prefix, toFamily(address));
  return (address) => lists[toFamily(address)].check(address, toFamily(address));
}

function toFamily(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
