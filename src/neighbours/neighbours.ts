import type { Duplex } from 'node:stream';
import type { NeighbourFigures, Neighbours } from '../meter/neighbours/neighbour.js';
import { Link } from './link.js';
import { chosen, seedOf } from './rendezvous.js';

/** Another gateway, and where it takes commands. */
export interface NeighbourAddress {
  /** The same for all gateways that know it. */
  readonly id: string;
  readonly address: string;
}

export interface NeighboursOptions {
  /** This gateway's own id. */
  readonly id: string;
  readonly connect: (address: string) => Duplex;
  readonly monotonicMs: () => number;
  /** The connection to a neighbour could not be opened, or is lost. */
  readonly onLost: (neighbour: NeighbourAddress, reason: string) => void;
}

interface Member {
  readonly seed: number;
  readonly address: string;
  /** Null for this gateway. */
  readonly link: Link | null;
}

/** The gateways beside this one, and who of them all decides about which customer. */
export class NeighbourMap implements Neighbours {
  readonly #options: NeighboursOptions;
  readonly #self: Member;
  readonly #others = new Map<string, Member>();
  #members: readonly [Member, ...Member[]];
  /** Links to those that are gone, until everything is answered. */
  readonly #leaving = new Set<Link>();

  constructor(options: NeighboursOptions) {
    this.#options = options;
    this.#self = { seed: seedOf(options.id), address: '', link: null };
    this.#members = [this.#self];
  }

  ownerOf(customerKey: string): Link | null {
    if (this.#members.length === 1) return null;
    const { link } = chosen(customerKey, this.#members);
    return link?.isReady ? link : null;
  }

  figures(): NeighbourFigures {
    const links = [...this.#others.values()].map(({ link }) => link);
    return { known: links.length, reachable: links.filter((link) => link?.isReady).length };
  }

  /** From now on these serve beside this gateway, which may be among them. */
  set(neighbours: readonly NeighbourAddress[]): void {
    const next = new Map(
      neighbours.filter(({ id }) => id !== this.#options.id).map((one) => [one.id, one]),
    );
    for (const [id, { address, link }] of this.#others) {
      if (next.get(id)?.address === address) continue;
      this.#others.delete(id);
      if (link === null) continue;
      link.leave();
      this.#leaving.add(link);
    }
    for (const neighbour of next.values()) {
      if (!this.#others.has(neighbour.id))
        this.#others.set(neighbour.id, this.#memberOf(neighbour));
    }
    this.#members = [this.#self, ...this.#others.values()];
  }

  /** To be called a few times a second. */
  tick(): void {
    for (const { link } of this.#others.values()) link?.tick();
    for (const link of this.#leaving) {
      if (link.isOpen) link.tick();
      else this.#leaving.delete(link);
    }
  }

  /** At once: what has not been answered is lost. */
  close(): void {
    this.set([]);
    for (const link of this.#leaving) link.close();
  }

  #memberOf(neighbour: NeighbourAddress): Member {
    const { connect, monotonicMs, onLost } = this.#options;
    const { id, address } = neighbour;
    const link = new Link({
      connect: () => connect(address),
      monotonicMs,
      onLost: (reason) => onLost(neighbour, reason),
    });
    link.tick();
    return { seed: seedOf(id), address, link };
  }
}
