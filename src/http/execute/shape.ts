/** Types of fields, analyzed once: graphql-js does this with a chain of `instanceof` for every value. */
import {
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

export type Shape = { readonly isNonNull: boolean } & Inner;

type Inner =
  | { readonly kind: 'LEAF'; readonly type: GraphQLLeafType }
  | { readonly kind: 'LIST'; readonly item: Shape }
  | { readonly kind: 'OBJECT'; readonly type: GraphQLObjectType }
  | { readonly kind: 'ABSTRACT'; readonly type: GraphQLAbstractType };

const shapes = new WeakMap<GraphQLOutputType, Shape>();

export function shapeOf(type: GraphQLOutputType): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const shape = isNonNullType(type)
    ? { ...innerOf(type.ofType), isNonNull: true }
    : { ...innerOf(type), isNonNull: false };
  shapes.set(type, shape);
  return shape;
}

function innerOf(type: GraphQLOutputType): Inner {
  if (isListType(type)) return { kind: 'LIST', item: shapeOf(type.ofType) };
  if (isObjectType(type)) return { kind: 'OBJECT', type };
  if (isAbstractType(type)) return { kind: 'ABSTRACT', type };
  return { kind: 'LEAF', type };
}
