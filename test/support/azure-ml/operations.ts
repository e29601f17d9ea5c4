import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { CompositeMapper, Mapper, OperationSpec } from '@azure/core-client';

/** Operations of the service that the double knows. */
export type OperationName = keyof typeof CALLS;

export interface Operation {
  readonly name: OperationName;
  readonly method: string;
  /** Of the whole path, with the parameters as groups. */
  readonly path: RegExp;
  readonly parameters: readonly { readonly name: string; readonly constraints: Mapper['constraints'] }[];
  /** Names of query parameters that it takes. */
  readonly query: readonly string[];
  readonly body: Mapper | null;
  readonly models: Models;
}

/** The service's types by name, and by what tells the members of a union apart. */
export type Models = Readonly<Record<string, CompositeMapper>> & { readonly discriminators: Readonly<Record<string, CompositeMapper>> };

const CALLS = {
  readWorkspace: (api) => api.workspaces.get('', ''),
  readCompute: (api) => api.computeOperations.get('', '', ''),
  writeCompute: (api) => api.computeOperations.beginCreateOrUpdate('', '', '', {}),
  readEnvironment: (api) => api.environmentVersions.get('', '', '', ''),
  writeEnvironment: (api) => api.environmentVersions.createOrUpdate('', '', '', '', { properties: {} }),
  readDatastore: (api) => api.datastores.get('', '', ''),
  writeDatastore: (api) => api.datastores.createOrUpdate('', '', '', { properties: { datastoreType: 'AzureBlob', credentials: { credentialsType: 'None' } } }),
  readData: (api) => api.dataVersions.get('', '', '', ''),
  writeData: (api) => api.dataVersions.createOrUpdate('', '', '', '', { properties: { dataType: 'uri_file', dataUri: '' } }),
  readModel: (api) => api.modelVersions.get('', '', '', ''),
  writeModel: (api) => api.modelVersions.createOrUpdate('', '', '', '', { properties: {} }),
  readJob: (api) => api.jobs.get('', '', ''),
  writeJob: (api) => api.jobs.createOrUpdate('', '', '', { properties: { jobType: 'Command' } }),
  cancelJob: (api) => api.jobs.beginCancel('', '', ''),
} satisfies Record<string, (api: AzureMachineLearningWorkspaces) => Promise<unknown>>;

/**
 * Asks the SDK for the specification that Microsoft generated each of its operations from: method, path, parameters with
 * their patterns, and the types of what is sent. Nothing is sent for it.
 */
export async function readOperations(): Promise<Operation[]> {
  const api = new AzureMachineLearningWorkspaces({ getToken: () => Promise.resolve(null) }, 'none');
  let caught: OperationSpec | null = null;
  const stop = new Error('the specification is all that was wanted');
  api.sendOperationRequest = (_args, specification) => {
    caught = specification;
    throw stop;
  };
  const operations: Operation[] = [];
  for (const [name, call] of Object.entries(CALLS)) {
    try {
      await call(api);
    } catch (error) {
      if (error !== stop) throw error;
    }
    operations.push(toOperation(name as OperationName, caught as unknown as OperationSpec));
  }
  return operations;
}

function toOperation(name: OperationName, { httpMethod, path = '', urlParameters = [], queryParameters = [], requestBody, serializer }: OperationSpec): Operation {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter!);
  const mapperOf = (parameter: string) => urlParameters.find(({ mapper }) => mapper.serializedName === parameter)?.mapper;
  return {
    name,
    method: httpMethod,
    // Resource types and names of parents are the same in any case (ARM's own rule).
    path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`, 'i'),
    parameters: names.map((parameter) => ({ name: parameter, constraints: mapperOf(parameter)?.constraints })),
    query: queryParameters.map(({ mapper }) => mapper.serializedName!),
    body: requestBody?.mapper ?? null,
    models: serializer.modelMappers as Models,
  };
}
