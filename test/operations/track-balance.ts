import { graphql } from '../gql/index.js';

/** The mutation as a client with generated types would write it. */
export const TrackBalance = graphql(`
  mutation TrackBalance($input: BalancesTrackInput!) {
    trackBalance(input: $input) {
      __typename
      ... on TrackBalancePayload {
        event {
          id
          occurredAt
        }
        balance {
          granted
          remaining
          usage
        }
        replayed
      }
      ... on Error {
        code
        message
      }
    }
  }
`);
