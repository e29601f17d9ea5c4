import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Writable } from 'node:stream';
import { PortForward } from '@kubernetes/client-node';
import { Failure } from '../../domain/failure.ts';
import { readApiState } from './api-state.ts';
import type { Cluster } from './cluster.ts';
import { API } from './names.ts';
import type { Pod } from './objects.ts';
import { isReady } from './objects.ts';

export interface ForwardOptions {
  /** On this machine; a free one when 0. */
  readonly port: number;
  /** Told when a connection could not be made. */
  readonly onProblem: (problem: unknown) => void;
}

/** As far as it is used; the client's own types don't say. */
interface WebSocket {
  onclose: () => void;
  onerror: () => void;
  close(): void;
}

export interface Forward {
  readonly port: number;
  /** Ends the connections too. */
  close(): Promise<void>;
}

/**
 * Lets a port of this machine reach the API in the cluster. Each connection goes to a pod that is ready then, so that a
 * rollout goes by unnoticed.
 *
 * @throws Failure `not-found` when the API is not in the cluster, `dependency-unavailable` when none of its pods is ready,
 *   `configuration-invalid` when the port is taken; and as {@link Cluster.ask} does
 */
export async function forwardService(cluster: Cluster, { port, onProblem }: ForwardOptions): Promise<Forward> {
  let turn = 0;
  const open = new Set<Socket>();
  await pickPod();

  const server = createServer({ pauseOnConnect: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    connect(socket).catch((problem: unknown) => {
      onProblem(problem);
      socket.destroy();
    });
  });
  await listen(server, port);

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };

  async function connect(socket: Socket): Promise<void> {
    const pod = await pickPod();
    const errors = new Writable({
      write(chunk: Buffer, _encoding, done) {
        done();
        // Every connection begins with an empty one.
        if (chunk.byteLength === 0) return;
        onProblem(new Failure('dependency-unavailable', `The pod ${pod.metadata.name} did not take the connection.`, { cause: new Error(chunk.toString()) }));
        socket.destroy();
      },
    });
    const forward = new PortForward(cluster.kubeConfig);
    let webSocket: WebSocket;
    try {
      webSocket = (await forward.portForward(cluster.namespace, pod.metadata.name, [toPort(pod)], socket, errors, socket)) as WebSocket;
    } catch (error) {
      const advice = 'Whoever forwards needs the right to get and create pods/portforward.';
      throw new Failure('dependency-unavailable', `The cluster did not forward to the pod ${pod.metadata.name}. ${advice}`, { cause: error });
    }
    webSocket.onclose = () => socket.end();
    webSocket.onerror = () => socket.destroy();
    socket.on('close', () => {
      webSocket.close();
    });
    socket.resume();
  }

  /** One after the other, as a Service would spread them. */
  async function pickPod(): Promise<Pod> {
    const { pods } = await readApiState(cluster);
    const ready = pods.filter(isReady);
    if (ready.length === 0) throw new Failure('dependency-unavailable', `No pod of the API is ready in namespace ${cluster.namespace}. See \`barometer rollout status\`.`);
    turn = (turn + 1) % ready.length;
    return ready[turn]!;
  }
}

/** The number behind the container's port `http`. */
export function toPort({ metadata, spec }: Pod): number {
  const ports = spec.containers.find(({ name }) => name === API.container)?.ports ?? [];
  const port = ports.find(({ name }) => name === API.port) ?? ports[0];
  if (port === undefined) throw new Failure('configuration-invalid', `The container ${API.container} of ${metadata.name} declares no port.`);
  return port.containerPort;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Failure('configuration-invalid', `Port ${port} of this machine can't be listened on (${error.code ?? 'unknown'}); choose another.`, { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
