/** Tabs about what comes before usage: a check, and a reservation from the estimate to its settlement. */

export const CHECK_FIRST = `# May the customer go on? A check takes nothing,
# and agrees with what REJECT would accept.
# It needs what FromNothing has created.
query CheckFirst {
  enough: checkBalance(
    input: {
      customerId: "my-customer"
      featureId: "reports"
      requiredBalance: 5
    }
  ) {
    ... on CheckBalancePayload {
      allowed
      balance {
        remaining
      }
    }
    ... on Error {
      code
      message
    }
  }
  # \`largestAllowed\` would be accepted now;
  # \`nextChangeAt\` is when to ask again.
  tooMuch: checkBalance(
    input: {
      customerId: "my-customer"
      featureId: "reports"
      requiredBalance: 1000000
    }
  ) {
    ... on CheckBalancePayload {
      allowed
      reason
      missing {
        amount
      }
      largestAllowed
      nextChangeAt
    }
    ... on Error {
      code
      message
    }
  }
}
`;

export const HOLD_AND_SETTLE = `# The amount is only known afterwards: set the
# estimate aside, then use what it really was.
# The rest is given back.
#
# It is safe to run again: the reservation's id
# and the idempotency keys make each step
# \`replayed\`, with its first answer.
mutation HoldAndSettle {
  # What it refers to: created if missing.
  createFeature(
    input: {
      featureId: "answer-tokens"
      name: "Tokens of answers"
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
  createBalance(
    input: {
      customerId: "my-customer"
      featureId: "answer-tokens"
      granted: 10000
      idempotencyKey: "tokens-of-my-customer"
    }
  ) {
    __typename
  }
  # The estimate: nothing else can use it now.
  # It expires by itself after 15 minutes.
  reserveBalance(
    input: {
      customerId: "my-customer"
      featureId: "answer-tokens"
      value: 4000
      reservationId: "answer-1"
    }
  ) {
    ... on ReserveBalancePayload {
      balance {
        remaining
        reserved
        usage
      }
      replayed
    }
    ... on Error {
      code
      message
    }
  }
  # What it really was.
  captureReservation(
    input: {
      customerId: "my-customer"
      reservationId: "answer-1"
      value: 2750
      idempotencyKey: "answer-1-done"
    }
  ) {
    ... on CaptureReservationPayload {
      reservation {
        status
        used
      }
      balance {
        remaining
        reserved
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
