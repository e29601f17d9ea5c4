/**
 * What KEDA's ScaledObject may say, as far as this project says it (keda.sh/docs, concepts/scaling-deployments and
 * scalers/temporal, KEDA 2.20): a cluster without KEDA refuses then what KEDA would not know.
 */
export const SCALED_OBJECT_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'scaledobjects.keda.sh' },
  spec: {
    group: 'keda.sh',
    scope: 'Namespaced',
    names: { kind: 'ScaledObject', plural: 'scaledobjects', singular: 'scaledobject' },
    versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: toSpec() }, required: ['spec'] } } }],
  },
} as const;

function toSpec() {
  const integer = { type: 'integer', format: 'int32', minimum: 0 };
  const text = { type: 'string' };
  const behaviour = toObject({ stabilizationWindowSeconds: integer, selectPolicy: { type: 'string', enum: ['Max', 'Min', 'Disabled'] } });
  const scaler = toObject({ behavior: toObject({ scaleUp: behaviour, scaleDown: behaviour }) });
  return toObject(
    {
      scaleTargetRef: toObject({ apiVersion: text, kind: text, name: text, envSourceContainerName: text }, ['name']),
      pollingInterval: integer,
      cooldownPeriod: integer,
      minReplicaCount: integer,
      maxReplicaCount: { ...integer, minimum: 1 },
      advanced: toObject({ restoreToOriginalReplicaCount: { type: 'boolean' }, horizontalPodAutoscalerConfig: scaler }),
      triggers: { type: 'array', minItems: 1, items: toTrigger() },
    },
    ['scaleTargetRef', 'triggers'],
  );
}

/** Of a Temporal task queue; KEDA takes numbers and flags as text. */
function toTrigger() {
  const text = { type: 'string', minLength: 1 };
  const names = ['endpoint', 'endpointFromEnv', 'namespace', 'namespaceFromEnv', 'taskQueue', 'workflowTaskQueueForCount', 'tlsServerName'];
  const numbers = ['targetQueueSize', 'activationTargetQueueSize', 'minConnectTimeout'];
  const flags = ['includeRunningWorkflowCount', 'unsafeSsl'];
  const metadata = {
    ...Object.fromEntries(names.map((name) => [name, text])),
    ...Object.fromEntries(numbers.map((name) => [name, { ...text, pattern: '^[0-9]+$' }])),
    ...Object.fromEntries(flags.map((name) => [name, { ...text, enum: ['true', 'false'] }])),
    queueTypes: { ...text, pattern: '^(workflow|activity|nexus)(,(workflow|activity|nexus))*$' },
  };
  return toObject({ type: { type: 'string', enum: ['temporal'] }, metadata: toObject(metadata, ['taskQueue']), authenticationRef: toObject({ name: text }, ['name']) }, ['type', 'metadata']);
}

function toObject(properties: object, required: readonly string[] = []) {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}
