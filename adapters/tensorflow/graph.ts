import type { AttributeValue, ConstantTensor, GraphNode } from './graph-schema.ts';

/** A graph under construction. Results of operations are passed around by name. */
export interface GraphBuilder {
  readonly nodes: readonly GraphNode[];
  /** Something that is given at each run: float32. */
  input(name: string, shape: readonly number[]): string;
  floats(...values: number[]): string;
  /** Shapes and axes. */
  integers(...values: number[]): string;
  /** One number, as some operations want their axis. */
  integer(value: number): string;
  /** Appends an operation on float32 values; gives the name of its first result. */
  add(op: string, input: readonly string[], attributes?: GraphNode['attributes']): string;
  /** Gives a result the name by which a run asks for it. */
  output(name: string, value: string, type?: ValueType): void;
}

type ValueType = 'DT_FLOAT' | 'DT_INT32';

/** The attribute that says the type of an operation's numbers. */
const FLOAT: GraphNode['attributes'] = { T: { type: 'DT_FLOAT' } };

export function createGraphBuilder(): GraphBuilder {
  const nodes: GraphNode[] = [];

  function append(name: string, op: string, input: readonly string[], attributes: GraphNode['attributes']): string {
    nodes.push({ name, op, input, attributes });
    return name;
  }

  function constant(tensor: ConstantTensor): string {
    const dtype: AttributeValue = { type: tensor.values instanceof Float32Array ? 'DT_FLOAT' : 'DT_INT32' };
    return append(`constant-${nodes.length}`, 'Const', [], { dtype, value: { tensor } });
  }

  return {
    nodes,
    input: (name, shape) => append(name, 'Placeholder', [], { dtype: { type: 'DT_FLOAT' }, shape: { shape } }),
    floats: (...values) => constant({ shape: [values.length], values: Float32Array.from(values) }),
    integers: (...values) => constant({ shape: [values.length], values: Int32Array.from(values) }),
    integer: (value) => constant({ shape: [], values: Int32Array.of(value) }),
    add: (op, input, attributes = {}) => append(`${op}-${nodes.length}`, op, input, { ...FLOAT, ...attributes }),
    output(name, value, type = 'DT_FLOAT') {
      append(name, 'Identity', [value], { T: { type } });
    },
  };
}

/** The name of one of the results of an operation that has several, counted from 0. */
export function toResult(operation: string, index: number): string {
  return index === 0 ? operation : `${operation}:${index}`;
}
