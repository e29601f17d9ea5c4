import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_TRACES } from './node-remains.ts';
import { PAUSE_IMAGE } from './pause-image.ts';

const OVERLAY_FILE_SYSTEM = 0x794c7630;
const CNI_DIRECTORIES = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

export interface KubeletOptions {
  /** Of containerd. */
  readonly socket: string;
  readonly port: number;
  /** Of whom the kubelet obeys. */
  readonly clientCertificate: string;
}

/** Pods in a subnet of their own, reachable from this machine; nothing is translated, so that no packet filter is touched. */
export function toNetwork(directory: string): object {
  const ipam = { type: 'host-local', dataDir: join(directory, 'addresses'), ranges: [[{ subnet: NODE_TRACES.subnet }]], routes: [{ dst: '0.0.0.0/0' }] };
  const bridge = { type: 'bridge', bridge: NODE_TRACES.bridge, isGateway: true, ipMasq: false, ipam };
  return { cniVersion: '0.4.0', name: NODE_TRACES.network, plugins: [bridge, { type: 'loopback' }] };
}

export function toContainerdConfig(directory: string, socket: string): string {
  // An overlay can't lie on an overlay, as in a container.
  const snapshotter = statfsSync(directory).type === OVERLAY_FILE_SYSTEM ? 'native' : 'overlayfs';
  const cniDirectory = CNI_DIRECTORIES.find((path) => existsSync(join(path, 'bridge'))) ?? CNI_DIRECTORIES[0];
  return `version = 2
root = "${directory}/root"
state = "${directory}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${directory}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Not every root may make a process less likely to be killed than itself.
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniDirectory}"
    conf_dir = "${directory}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
`;
}

export function toKubeletConfig(directory: string, { socket, port, clientCertificate }: KubeletOptions): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    port,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: clientCertificate } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${NODE_TRACES.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
    podLogsDir: join(directory, 'logs'),
    volumePluginDir: join(directory, 'volume-plugins'),
    resolvConf: '/etc/resolv.conf',
    serializeImagePulls: false,
    nodeStatusUpdateFrequency: '2s',
    // A full disk is not what is being tested.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi' },
  };
}
