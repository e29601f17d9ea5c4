import type { CompositeMapper, DictionaryMapper, Mapper, SequenceMapper } from '@azure/core-client';
import * as azure from '@azure/arm-machinelearning';
import type { Models, Operation } from './operations.ts';

/** The version of the API that Barometer is written for. */
export const API_VERSION = '2022-10-01';

/** What properties that are strings to the mappers may be, by type and property (REST reference, `enum`). */
const ENUMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AmlComputeProperties.osType': azure.KnownOsType,
  'AmlComputeProperties.vmPriority': azure.KnownVmPriority,
  'AmlComputeProperties.remoteLoginPortPublicAccess': azure.KnownRemoteLoginPortPublicAccess,
  'ManagedServiceIdentity.type': azure.KnownManagedServiceIdentityType,
  'EnvironmentVersionProperties.osType': azure.KnownOperatingSystemType,
  'EnvironmentVersionProperties.autoRebuild': azure.KnownAutoRebuildSetting,
  'AzureBlobDatastore.serviceDataAccessAuthIdentity': azure.KnownServiceDataAccessAuthIdentity,
  'JobService.jobServiceType': { Jupyter: 'JupyterLab', Tracking: 'Tracking', Studio: 'Studio', SSH: 'SSH', TensorBoard: 'TensorBoard', VSCode: 'VSCode' },
};

/** Rules on names that the service has beside its specification; each was met as an error by somebody. */
const NAME_RULES: Partial<Record<Operation['name'], Readonly<Record<string, RegExp>>>> = {
  writeCompute: { computeName: /^[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}$/ },
  writeDatastore: { name: /^[a-zA-Z0-9_]{1,255}$/ },
  // "Argument 'version' exceeded maximum length of 30 for DatasetId".
  writeData: { version: /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,29}$/ },
  writeEnvironment: { version: /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,29}$/ },
  writeModel: { version: /^[1-9]\d{0,8}$/ },
};

const DURATION = /^P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Everything in which a request breaks the contract of its operation, in words; empty when it keeps it. */
export function findViolations({ name, parameters, query, body: mapper, models }: Operation, values: readonly string[], search: URLSearchParams, body: unknown): string[] {
  const found: string[] = [];
  parameters.forEach(({ name: parameter, constraints }, index) => {
    const value = values[index]!;
    const { Pattern, MinLength = 1, MaxLength = 255 } = constraints ?? {};
    const rules = [Pattern, NAME_RULES[name]?.[parameter]].filter((rule) => rule !== undefined);
    for (const rule of rules) if (!rule.test(value)) found.push(`${parameter} "${value}" does not match ${String(rule)}`);
    if (value.length < MinLength || value.length > MaxLength) found.push(`${parameter} "${value}" has the wrong length`);
  });
  if (search.get('api-version') !== API_VERSION) found.push(`api-version is ${String(search.get('api-version'))}, not ${API_VERSION}`);
  for (const key of search.keys()) if (!query.includes(key)) found.push(`there is no query parameter ${key}`);
  if (mapper === null && body !== undefined) found.push('it takes no body');
  if (mapper !== null) check(mapper, body, '$', models, found);
  return found.map((each) => `${name}: ${each}`);
}

function check(mapper: Mapper, value: unknown, path: string, models: Models, found: string[]): void {
  const { type, constraints } = mapper;
  switch (type.name) {
    case 'Composite':
      checkComposite(mapper as CompositeMapper, value, path, models, found);
      return;
    case 'Dictionary':
      if (!isObject(value)) return void found.push(`${path} is no object`);
      for (const [key, each] of Object.entries(value)) check((mapper as DictionaryMapper).type.value, each, `${path}.${key}`, models, found);
      return;
    case 'Sequence':
      if (!Array.isArray(value)) return void found.push(`${path} is no array`);
      value.forEach((each, index) => check((mapper as SequenceMapper).type.element, each, `${path}[${index}]`, models, found));
      return;
    case 'Number':
    case 'Boolean':
      if (typeof value !== type.name.toLowerCase()) found.push(`${path} is no ${type.name}`);
      return;
    case 'any':
      return;
    default:
      if (typeof value !== 'string') return void found.push(`${path} is no string`);
      if (type.name === 'TimeSpan' && !DURATION.test(value)) found.push(`${path} "${value}" is no duration of ISO 8601`);
      if (type.name === 'Uuid' && !UUID.test(value)) found.push(`${path} "${value}" is no UUID`);
      if (constraints?.Pattern?.test(value) === false) found.push(`${path} "${value}" does not match ${String(constraints.Pattern)}`);
      if (constraints?.MinLength !== undefined && value.length < constraints.MinLength) found.push(`${path} is too short`);
  }
}

function checkComposite(declared: CompositeMapper, value: unknown, path: string, models: Models, found: string[]): void {
  if (!isObject(value)) return void found.push(`${path} is no object`);
  const { className, properties } = resolve(declared, value, path, models, found);
  for (const [key, property] of Object.entries(properties)) {
    const name = property.serializedName ?? key;
    const each = value[name];
    if (each === undefined) {
      if (property.required) found.push(`${path}.${name} is required`);
      continue;
    }
    if (property.readOnly) found.push(`${path}.${name} is read-only`);
    const allowed = ENUMS[`${className}.${key}`];
    if (allowed !== undefined && !Object.values(allowed).includes(each as string)) found.push(`${path}.${name} can't be ${JSON.stringify(each)}`);
    check(property, each, `${path}.${name}`, models, found);
  }
  const known = new Set(Object.entries(properties).map(([key, { serializedName }]) => serializedName ?? key));
  for (const name of Object.keys(value)) if (!known.has(name)) found.push(`${className} has no property ${name} (${path})`);
}

/** The type that an object is of: of a union, the member that its discriminator names. */
function resolve({ type }: CompositeMapper, value: Readonly<Record<string, unknown>>, path: string, models: Models, found: string[]) {
  const base = type.modelProperties === undefined ? models[type.className!]!.type : type;
  const discriminator = base.polymorphicDiscriminator?.serializedName;
  // A property may be declared as one member of the union already.
  const unions = [base.className!, base.uberParent!];
  const chosen = discriminator === undefined ? undefined : unions.map((union) => models.discriminators[`${union}.${String(value[discriminator])}`]).find((member) => member !== undefined);
  if (discriminator !== undefined && chosen === undefined) found.push(`${path}.${discriminator} can't be "${String(value[discriminator])}"`);
  const { className, modelProperties } = chosen?.type ?? base;
  return { className: className!, properties: modelProperties! };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
