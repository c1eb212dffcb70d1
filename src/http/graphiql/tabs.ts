/**
 * What GraphiQL opens with: tabs that can be run from left to right, in the demo project and in a
 * new one. Lines are short enough for half a window of 1280 pixels.
 */
import { CHECK_FIRST, HOLD_AND_SETTLE } from './before-use-tabs.js';

const FIRST_USAGE = `# Tracks one API call of the demo project's
# customer: press the triangle, or Ctrl-Enter.
# Each run takes 1 more.
#
# In a project of your own, the answer is
# CUSTOMER_NOT_FOUND: begin with FromNothing.
mutation FirstUsage {
  trackBalance(
    input: {
      customerId: "acme"
      featureId: "api_calls"
      value: 1
    }
  ) {
    ... on TrackBalancePayload {
      balance {
        granted
        remaining
        usage
      }
      unapplied {
        amount
      }
      replayed
    }
    ... on Error {
      code
      message
    }
  }
}
`;

const READ_BALANCES = `# What each customer of the project has left, and
# its latest usage events. In a new project, which
# has no customers yet, \`edges\` is empty.
query ReadBalances {
  customers(first: 10) {
    edges {
      node {
        customerId
        name
        balances {
          feature {
            featureId
          }
          granted
          remaining
          usage
          nextResetAt
        }
        events(first: 3) {
          edges {
            node {
              feature {
                featureId
              }
              eventName
              value
              occurredAt
            }
          }
        }
      }
    }
  }
}
`;

const FROM_NOTHING = `# From nothing to the first tracked usage: creates
# a feature, a customer and a balance of 100 per
# month, then tracks 3 of it.
#
# It is safe to run again: what exists is returned
# unchanged, and the usage, which has an
# idempotency key, is \`replayed\` rather than
# deducted again. With another key, 3 more are.
mutation FromNothing {
  createFeature(
    input: {
      featureId: "reports"
      name: "Reports"
      type: CONSUMABLE
    }
  ) {
    ... on CreateFeaturePayload {
      created
    }
    ... on Error {
      code
      message
    }
  }
  createCustomer(
    input: {
      customerId: "my-customer"
      name: "My first customer"
    }
  ) {
    ... on CreateCustomerPayload {
      created
    }
    ... on Error {
      code
      message
    }
  }
  createBalance(
    input: {
      customerId: "my-customer"
      featureId: "reports"
      granted: 100
      resetInterval: MONTH
      idempotencyKey: "reports-of-my-customer"
    }
  ) {
    ... on CreateBalancePayload {
      replayed
    }
    ... on Error {
      code
      message
    }
  }
  trackBalance(
    input: {
      customerId: "my-customer"
      featureId: "reports"
      value: 3
      idempotencyKey: "report-1"
    }
  ) {
    ... on TrackBalancePayload {
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
`;

const REFUSAL_EXPLAINED = `# A refusal is data, not an error: each mutation
# returns its payload or a refusal. \`__typename\`
# says which, and \`... on Error\` reads them all.
# No usage is recorded here.
mutation RefusalExplained {
  # What they refer to: created if missing.
  createFeature(
    input: {
      featureId: "reports"
      name: "Reports"
      type: CONSUMABLE
    }
  ) {
    __typename
  }
  createCustomer(
    input: {
      customerId: "my-customer"
      name: "My first customer"
    }
  ) {
    __typename
  }
  # REJECT takes all of the usage or none of it.
  # \`missing\` says how much was lacking.
  tooMuch: trackBalance(
    input: {
      customerId: "my-customer"
      featureId: "reports"
      value: 1000000
      overageBehavior: REJECT
    }
  ) {
    __typename
    ... on InsufficientBalanceError {
      missing {
        feature {
          featureId
        }
        amount
      }
    }
    ... on Error {
      code
      message
    }
  }
  # An unknown id creates nothing.
  unknownCustomer: trackBalance(
    input: {
      customerId: "not-a-customer"
      featureId: "reports"
    }
  ) {
    __typename
    ... on Error {
      code
      message
    }
  }
  # Invalid input: each issue says where and why.
  invalid: trackBalance(
    input: {
      customerId: "my-customer"
      featureId: "reports"
      eventName: "report.created"
    }
  ) {
    __typename
    ... on InvalidInputError {
      issues {
        path
        rule
        value
        message
      }
    }
    ... on Error {
      code
      message
    }
  }
}
`;

/** GraphiQL names each tab after its operation. */
export const READY_TABS: readonly string[] = [
  FIRST_USAGE,
  READ_BALANCES,
  FROM_NOTHING,
  REFUSAL_EXPLAINED,
  CHECK_FIRST,
  HOLD_AND_SETTLE,
];
