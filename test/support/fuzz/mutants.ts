/** Executors with one fault each, such as those of a compiler that was once used here. The comparison must detect them. */
import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  Kind,
  type ObjectFieldNode,
  type ValueNode,
  visit,
} from 'graphql';
import type { Execute } from './differential.js';

type Variables = Readonly<Record<string, unknown>>;
type Rewrite = (document: DocumentNode, variables: Variables) => DocumentNode;
type Distort = (result: ExecutionResult) => ExecutionResult;

export const MUTANTS: Readonly<Record<string, Execute>> = {
  'drops a fragment that is spread twice if one of the spreads is skipped':
    rewriting(withoutHalfSkipped),
  'reads a variable that is absent from a literal as null': rewriting(absentAsNull),
  'loses the locations of errors': distorting(({ errors, ...rest }) => ({
    ...(errors && { errors: errors.map((error) => relocated(error, error.path)) }),
    ...rest,
  })),
  'loses the paths of errors': distorting(({ errors, ...rest }) => ({
    ...(errors && { errors: errors.map((error) => relocated(error, undefined, error.nodes)) }),
    ...rest,
  })),
  'returns errors in another order': distorting(({ errors, ...rest }) => ({
    ...(errors && { errors: errors.toReversed() }),
    ...rest,
  })),
  'drops __proto__ from answers': distorting((result) => withoutProto(result)),
  'drops __proto__ from literals': rewriting((document) =>
    visit(document, {
      ObjectField: ({ name }: ObjectFieldNode) => (name.value === '__proto__' ? null : undefined),
    }),
  ),
  'treats @include(if: null) as an omission': rewriting(nullAsFalse),
  'does not run a mutation that is spread twice if one of the spreads is skipped': rewriting(
    (document, variables) =>
      /^\s*mutation|\nmutation/.test(document.loc?.source.body ?? '')
        ? withoutHalfSkipped(document, variables)
        : document,
  ),
  'keeps the variables in literals from the first run': rewriting(withFirstLiterals()),
  'skips what was skipped in the first run': rewriting(withFirstConditions()),
  'runs mutations at the same time': inParallel(),
};

/** The same fault, but only after this many runs of an operation. */
export function fromRun(threshold: number, mutant: Execute): Execute {
  const runs = new WeakMap<DocumentNode, number>();
  return (args) => {
    const run = (runs.get(args.document) ?? 0) + 1;
    runs.set(args.document, run);
    return run < threshold ? execute(args) : mutant(args);
  };
}

function rewriting(rewrite: Rewrite): Execute {
  return (args) =>
    execute({ ...args, document: rewrite(args.document, args.variableValues ?? {}) });
}

function distorting(distort: Distort): Execute {
  return async (args) => distort(await execute(args));
}

function relocated(
  error: GraphQLError,
  path: GraphQLError['path'],
  nodes?: GraphQLError['nodes'],
): GraphQLError {
  const { message, originalError, extensions } = error;
  const causes = originalError === undefined ? {} : { originalError };
  return new GraphQLError(message, {
    ...causes,
    extensions,
    path: path ?? null,
    nodes: nodes ?? null,
  });
}

function withoutProto<T>(result: T): T {
  return JSON.parse(JSON.stringify(result), (_key, value) => {
    if (typeof value === 'object' && value !== null) Reflect.deleteProperty(value, '__proto__');
    return value;
  });
}

function isSkipped(
  directives: readonly DirectiveNode[] | undefined,
  variables: Variables,
): boolean {
  return (directives ?? []).some(({ name, arguments: args = [] }) => {
    const condition = conditionOf(args[0], variables);
    return name.value === 'skip' ? condition === true : condition === false;
  });
}

function conditionOf(argument: ArgumentNode | undefined, variables: Variables): unknown {
  const value = argument?.value;
  if (value?.kind === Kind.BOOLEAN) return value.value;
  return value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
}

function withoutHalfSkipped(document: DocumentNode, variables: Variables): DocumentNode {
  const spreads = new Map<string, boolean[]>();
  visit(document, {
    FragmentSpread: ({ name, directives }) => {
      const skipped = isSkipped(directives, variables);
      spreads.set(name.value, [...(spreads.get(name.value) ?? []), skipped]);
    },
  });
  return visit(document, {
    FragmentSpread: ({ name }) => {
      const skipped = spreads.get(name.value) ?? [];
      return skipped.includes(true) && skipped.includes(false) ? null : undefined;
    },
  });
}

function absentAsNull(document: DocumentNode, variables: Variables): DocumentNode {
  return visit(document, {
    ObjectField: (field: ObjectFieldNode) =>
      field.value.kind === Kind.VARIABLE && !Object.hasOwn(variables, field.value.name.value)
        ? { ...field, value: { kind: Kind.NULL } }
        : undefined,
  });
}

function nullAsFalse(document: DocumentNode, variables: Variables): DocumentNode {
  return visit(document, {
    Directive: (directive: DirectiveNode) => {
      const [argument] = directive.arguments ?? [];
      if (directive.name.value !== 'include' || conditionOf(argument, variables) !== null) return;
      const value = { kind: Kind.BOOLEAN, value: false } as const;
      return { ...directive, arguments: [{ ...argument, value }] };
    },
  });
}

/** Like a compiler that parses literals once. */
function withFirstLiterals(): Rewrite {
  const first = new WeakMap<DocumentNode, Variables>();
  return (document, variables) => {
    const known = first.get(document) ?? structuredClone(variables);
    first.set(document, known);
    return visit(document, {
      ObjectField: (field: ObjectFieldNode) => {
        if (field.value.kind !== Kind.VARIABLE) return;
        const value = known[field.value.name.value];
        return typeof value === 'string' ? { ...field, value: stringNode(value) } : undefined;
      },
    });
  };
}

function stringNode(value: string): ValueNode {
  return { kind: Kind.STRING, value };
}

/** Like a plan that is created with the variables of one run and used for another. */
function withFirstConditions(): Rewrite {
  const first = new WeakMap<DocumentNode, Variables>();
  return (document, variables) => {
    const known = first.get(document) ?? structuredClone(variables);
    first.set(document, known);
    return visit(document, {
      Directive: (directive: DirectiveNode) => {
        const [argument] = directive.arguments ?? [];
        const condition = conditionOf(argument, known);
        if (typeof condition !== 'boolean') return;
        const value = { kind: Kind.BOOLEAN, value: condition } as const;
        return { ...directive, arguments: [{ ...argument, value }] };
      },
    });
  };
}

function inParallel(): Execute {
  return (args: ExecutionArgs) => {
    const { schema } = args;
    const mutation = schema.getMutationType() ?? null;
    const getRootType = () => mutation ?? undefined;
    const parallel = new Proxy(schema, {
      get: (target, name) => (name === 'getRootType' ? getRootType : Reflect.get(target, name)),
    });
    const document = visit(args.document, {
      OperationDefinition: (operation) =>
        operation.operation === 'mutation' ? { ...operation, operation: 'query' } : undefined,
    });
    return document === args.document
      ? execute(args)
      : execute({ ...args, schema: parallel, document });
  };
}
