/** Gateways that may run beside this one, on the same database, while it is being deployed. */
export interface ReleasedGateway {
  readonly name: string;
  readonly commit: string;
}

/** The last one is that whose schemas are in this folder; a release moves it. */
export const RELEASED_GATEWAYS: readonly ReleasedGateway[] = [
  {
    name: 'the first with reservations',
    commit: '4291d3f39571713106eb514bd5e9964b48767f3b',
  },
  {
    name: 'the last release',
    commit: 'd88ede487f7363fa23c212c845b8327624bf1afb',
  },
];
