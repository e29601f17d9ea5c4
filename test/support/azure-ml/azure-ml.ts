import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Answer } from './answers.ts';
import { Refusal, toErrorAnswer } from './answers.ts';
import { trustOwnCertificate } from './certificate.ts';
import { findViolations } from './contract.ts';
import type { Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import type { JobQueue } from './job-queue.ts';
import { createJobQueue } from './job-queue.ts';
import { createLongOperations } from './long-operations.ts';
import type { Operation, OperationName } from './operations.ts';
import { readOperations } from './operations.ts';
import type { WorkspaceState } from './workspace.ts';
import { createWorkspaceState } from './workspace.ts';

export interface AzureMlOptions {
  /** Folder of this project, where a job finds the program: what `/app` is in the trainer image. */
  readonly home: string;
  /** What a job's program finds in its environment instead of what the job says; the storage account above all. */
  readonly jobEnvironment?: Readonly<Record<string, string>>;
  /** How long a second of the service lasts here: nodes come up after twenty of them. */
  readonly secondMs?: number;
}

/** A request as it came. */
export interface SeenRequest {
  readonly operation: OperationName;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly status: number;
}

/** An Azure ML workspace on this machine: its HTTP interface, and what happens behind it. */
export interface AzureMl {
  /** Instead of https://management.azure.com. */
  readonly endpoint: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  /** File with the certificate that other processes must trust: NODE_EXTRA_CA_CERTS. This process does already. */
  readonly certificateFile: string;
  readonly jobs: JobQueue;
  readonly faults: Faults;
  readonly state: Pick<WorkspaceState, 'list' | 'readAsset' | 'writeCompute'>;
  /** In the order in which they were answered. */
  readonly requests: readonly SeenRequest[];
  /** How many nodes there were, whenever that changed. */
  readonly nodeHistory: readonly number[];
  /** Requests of these operations are answered 403 from now on. */
  deny(...operations: OperationName[]): void;
  setQuota(nodes: number): void;
  /** Everything in which requests broke the contract. A test that ends with any of them has failed. */
  violations(): readonly string[];
  stop(): Promise<void>;
}

const SUBSCRIPTION = '00000000-1111-2222-3333-444444444444';
const RESOURCE_GROUP = 'barometer-test';
const WORKSPACE = 'moods';
const REGION = 'westeurope';

/**
 * Starts a stand-in for Azure Resource Manager's Machine Learning API on a free port. Every request is held against the
 * contract that the SDK's own specifications state; state is kept; nodes come and go; jobs really run, as child processes.
 */
export async function startAzureMl({ home, jobEnvironment = {}, secondMs = 5 }: AzureMlOptions): Promise<AzureMl> {
  const { certificate, privateKey } = trustOwnCertificate();
  const directory = mkdtempSync(join(tmpdir(), 'barometer-azure-ml-'));
  const certificateFile = join(directory, 'certificate.pem');
  writeFileSync(certificateFile, certificate);

  const known = await readOperations();
  const faults = createFaults();
  const violations: string[] = [];
  const requests: SeenRequest[] = [];
  const nodeHistory: number[] = [];
  const denied = new Set<OperationName>();
  let quota = Number.POSITIVE_INFINITY;

  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    void serve(request, response);
  });
  // Those that are still shaking hands are no connections yet to the server's own list.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const operations = createLongOperations(SUBSCRIPTION, REGION);
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  const jobs = createJobQueue({ secondMs, environment: { PATH: path, BAROMETER_HOME: home, ...jobEnvironment } });
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.MachineLearningServices/workspaces/${WORKSPACE}`;
  const state = createWorkspaceState({ name: WORKSPACE, region: REGION, url, id, secondMs, jobs, operations, quota: () => quota, onNodes: (nodes) => nodeHistory.push(nodes) });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const sent = await text(request);
    const body: unknown = sent === '' ? undefined : JSON.parse(sent);
    const operation = known.find(({ method, path: pattern }) => method === request.method && pattern.test(pathname));
    const fault = operation === undefined ? null : faults.take(operation.name);
    if (fault === 'lose the request') return void request.socket.destroy();
    const answer = typeof fault === 'object' && fault !== null ? toFaultAnswer(fault) : toAnswer(operation, pathname, searchParams, body, request);
    if (operation !== undefined) requests.push({ operation: operation.name, path: pathname, body: (body ?? {}) as SeenRequest['body'], status: answer.status });
    if (fault === 'lose the answer') return void request.socket.destroy();
    response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  function toAnswer(operation: Operation | undefined, pathname: string, search: URLSearchParams, body: unknown, request: IncomingMessage): Answer {
    try {
      if (!request.headers.authorization?.startsWith('Bearer ')) return toErrorAnswer(401, 'AuthenticationFailed', 'Authentication failed.');
      const status = request.method === 'GET' ? operations.answer(pathname) : null;
      if (status !== null) return status;
      if (operation === undefined) {
        violations.push(`there is no operation ${String(request.method)} ${pathname}`);
        return toErrorAnswer(404, 'InvalidResourceType', 'The resource type could not be found.');
      }
      const values = operation.path.exec(pathname)!.slice(1).map(decodeURIComponent);
      const broken = findViolations(operation, values, search, body);
      if (broken.length > 0) {
        violations.push(...broken);
        return toErrorAnswer(400, 'ValidationError', broken.join('; '));
      }
      const [subscription, group, workspace, ...names] = values;
      if (denied.has(operation.name)) return toErrorAnswer(403, 'AuthorizationFailed', 'The client does not have authorization to perform the action.');
      if (subscription !== SUBSCRIPTION) throw new Refusal(404, 'SubscriptionNotFound', 'The subscription could not be found.');
      if (group?.toLowerCase() !== RESOURCE_GROUP) throw new Refusal(404, 'ResourceGroupNotFound', 'The resource group could not be found.');
      if (workspace?.toLowerCase() !== WORKSPACE) throw new Refusal(404, 'ResourceNotFound', 'The workspace was not found.');
      return state.handle(operation.name, names, (body ?? {}) as Record<string, unknown>);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      violations.push(`the double broke: ${String((error as Error).stack)}`);
      return toErrorAnswer(500, 'InternalServerError', 'Broken.');
    }
  }

  return {
    endpoint: url,
    subscriptionId: SUBSCRIPTION,
    resourceGroup: RESOURCE_GROUP,
    workspace: WORKSPACE,
    certificateFile,
    jobs,
    faults,
    state,
    requests,
    nodeHistory,
    deny: (...names) => names.forEach((name) => denied.add(name)),
    setQuota: (nodes) => {
      quota = nodes;
    },
    violations: () => violations,
    async stop() {
      await jobs.stop();
      state.stop();
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
      rmSync(directory, { recursive: true });
    },
  };
}

function toFaultAnswer(fault: { readonly throttle: number } | { readonly refuse: { readonly status: number; readonly code: string } }): Answer {
  if ('throttle' in fault) return toErrorAnswer(429, 'TooManyRequests', 'Too many requests.', { 'Retry-After': String(fault.throttle) });
  return toErrorAnswer(fault.refuse.status, fault.refuse.code, 'Refused.');
}
