import { Failure } from '../../domain/failure.ts';
import type { InferenceAnswer, InferenceInput, TensorMetadata } from './messages.ts';

type Bytes = { readonly datatype: 'BYTES'; readonly data: readonly Uint8Array[] };

/** What a model takes, row by row. */
export type InputTensor = { readonly datatype: 'UINT8'; readonly data: Uint8Array } | Bytes;

/** What a model gives, row by row. */
export type OutputTensor = ({ readonly datatype: 'FP32'; readonly data: Float32Array } | Bytes) & { readonly name: string; readonly shape: readonly number[] };

/** What a model takes, as its metadata say it. */
export type InputMetadata = TensorMetadata & { readonly datatype: InputTensor['datatype'] };

/** Before each element of BYTES in binary data: how long it is, as 32 bits, lowest first. */
const LENGTH_BYTES = 4;

/**
 * Reads the tensor of a request. `binary` are its bytes after the JSON, or null where it stands in the JSON.
 *
 * @throws Failure `input-invalid` when it is not what the model takes, naming what is wrong
 */
export function readTensor(input: InferenceInput, binary: Uint8Array | null, wanted: InputMetadata): InputTensor {
  refuseOthers(input, wanted);
  const elements = input.shape.reduce((product, length) => product * length, 1);
  const tensor = binary === null ? fromJson(input, wanted.datatype) : fromBinary(binary, wanted.datatype);
  if (tensor.data.length !== elements) {
    throw new Failure('input-invalid', `The input "${input.name}" of shape [${input.shape.join(', ')}] needs ${elements} elements; ${tensor.data.length} were sent.`);
  }
  return tensor;
}

function refuseOthers({ name, datatype, shape }: InferenceInput, wanted: InputMetadata): void {
  if (name !== wanted.name) throw new Failure('input-invalid', `There is no input "${name}"; the model takes "${wanted.name}".`);
  if (datatype !== wanted.datatype) throw new Failure('input-invalid', `The input "${name}" is ${datatype}; the model takes ${wanted.datatype}.`);
  const fits = shape.length === wanted.shape.length && wanted.shape.every((length, index) => length === -1 || length === shape[index]);
  if (!fits) throw new Failure('input-invalid', `The input "${name}" has shape [${shape.join(', ')}]; the model takes [${wanted.shape.join(', ')}].`);
}

function fromJson({ name, data }: InferenceInput, datatype: InputTensor['datatype']): InputTensor {
  if (data === undefined) throw new Failure('input-invalid', `The input "${name}" has no data: send them as "data", or after the JSON with "binary_data_size".`);
  const values = data.flat(Infinity);
  if (datatype === 'BYTES') {
    return { datatype, data: values.map((value) => Buffer.from(isString(value) ? value : refuseElement(name, 'text in base64'), 'base64')) };
  }
  return { datatype, data: Uint8Array.from(values, (value) => (isByte(value) ? value : refuseElement(name, 'a whole number from 0 to 255'))) };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function refuseElement(name: string, wanted: string): never {
  throw new Failure('input-invalid', `Each element of the input "${name}" must be ${wanted}.`);
}

function fromBinary(bytes: Uint8Array, datatype: InputTensor['datatype']): InputTensor {
  return datatype === 'UINT8' ? { datatype, data: bytes } : { datatype, data: toElements(bytes) };
}

function toElements(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.byteLength) {
    const start = offset + LENGTH_BYTES;
    const end = start > bytes.byteLength ? Infinity : start + view.getUint32(offset, true);
    if (end > bytes.byteLength) throw new Failure('input-invalid', 'The binary data end in the middle of an element: before each stands its length in four bytes, lowest first.');
    elements.push(bytes.subarray(start, end));
    offset = end;
  }
  return elements;
}

/** An output as it stands in the JSON, its data in there. */
export function toJsonOutput({ name, shape, ...tensor }: OutputTensor): InferenceAnswer['outputs'][number] {
  const data = tensor.datatype === 'BYTES' ? tensor.data.map((each) => Buffer.from(each).toString()) : [...tensor.data];
  return { name, shape: [...shape], datatype: tensor.datatype, data };
}

/** An output as it stands in the JSON, and its data, which come after that. */
export function toBinaryOutput({ name, shape, ...tensor }: OutputTensor): { readonly output: InferenceAnswer['outputs'][number]; readonly bytes: Buffer } {
  const bytes = toBytes(tensor);
  return { output: { name, shape: [...shape], datatype: tensor.datatype, parameters: { binary_data_size: bytes.byteLength } }, bytes };
}

function toBytes({ data }: Pick<OutputTensor, 'data'>): Buffer {
  if (data instanceof Float32Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((each) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32LE(each.byteLength);
      return [length, each];
    }),
  );
}
