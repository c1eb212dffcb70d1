/**
 * Rendezvous hashing: every gateway that knows the same ones chooses the same one for a customer, and one that comes or goes only
 * moves its own customers.
 */

/** What stands for a member in the choice. */
export function seedOf(id: string): number {
  let seed = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    seed = Math.imul(seed ^ id.charCodeAt(index), 0x01000193);
  }
  return mixed(seed);
}

/** The member with the highest weight for the customer. */
export function chosen<Member extends { readonly seed: number }>(
  customerKey: string,
  members: readonly [Member, ...Member[]],
): Member {
  // Others than those by which lanes are chosen, because all customers of a lane would be one gateway's.
  const key = Number.parseInt(customerKey.slice(24, 32), 16) | 0;
  let [best] = members;
  if (members.length === 1) return best;
  let most = -1;
  for (const member of members) {
    const weight = mixed(key ^ member.seed) >>> 0;
    if (weight > most) {
      most = weight;
      best = member;
    }
  }
  return best;
}

/** The last steps of MurmurHash3: every bit of the result depends on every bit of the number. */
function mixed(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
