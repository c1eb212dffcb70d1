import { GraphQLError } from 'graphql';
import type { ZodError } from 'zod';
import { type InputIssue, invalidInput } from '../../domain/refusal.js';
import { cut, shownValue } from '../../domain/shown-value.js';
import { ExactNumber } from './exact-number.js';
import { ISSUES_MAX } from './limits.js';

/**
 * An input that breaks rules. If a field's union has a member for it, it becomes data there;
 * anywhere else it is a protocol error, with the same facts in its extensions.
 */
export class InvalidInput extends GraphQLError {
  readonly code = 'INVALID_INPUT';
  readonly issues: readonly InputIssue[];

  constructor(issues: readonly InputIssue[]) {
    super(invalidInput(issues).message, { extensions: { code: 'BAD_USER_INPUT', issues } });
    this.issues = issues;
  }
}

/** For rules that are checked outside of zod. */
export function invalidArgument(
  path: string,
  value: unknown,
  rule: string,
  message: string,
): InvalidInput {
  return new InvalidInput([{ path, value: quote(value), rule, message }]);
}

type Looked = Readonly<Record<string, unknown>>;

/** What zod found, as the error of the field whose arguments it checked. */
export function fromZod(error: ZodError, args: Looked): InvalidInput {
  return new InvalidInput(issuesOf(error, args));
}

/** What zod found in the object that it checked, in the terms of the domain. */
export function issuesOf(error: ZodError, looked: Looked): InputIssue[] {
  return error.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: pathText(issue.path),
    value: quote(issue.path.reduce(memberOf, looked)),
    rule: issue.code === 'custom' ? String(issue.params?.['rule']) : issue.code,
    message: issue.message,
  }));
}

/** Every mutation has one argument, `input`, so naming it would add nothing. */
function pathText(path: readonly PropertyKey[]): string {
  return cut((path[0] === 'input' ? path.slice(1) : path).map(String).join('.'));
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** An `ExactNumber` is an object only to JavaScript. */
function quote(value: unknown): string {
  return shownValue(value, (object) => (object instanceof ExactNumber ? object.text : null));
}
