import type { MRouter } from './overlay-node.ts';

/** One metric with its samples, as Prometheus scrapes it. */
export interface Metric {
  /** With its unit, and `_total` for counters: prometheus.io/docs/practices/naming */
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  samples: readonly Sample[];
}

export interface Sample {
  value: number;
  labels?: Readonly<Record<string, string>>;
}

/** What a scraper is told the text is. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text format of Prometheus, version 0.0.4: prometheus.io/docs/instrumenting/exposition_formats */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(({ value, labels }) => `${name}${renderLabels(labels)} ${value}\n`);
      return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

function renderLabels(labels: Sample['labels'] = {}): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeText(value).replaceAll('"', '\\"')}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

const counter = (name: string, help: string, value: number): Metric => ({
  name,
  type: 'counter',
  help,
  samples: [{ value }],
});

/** What metrics are made from. */
type Observed = Pick<MRouter, 'status' | 'counters' | 'map' | 'isLive'>;

/** What a node is, has done, and knows of the others, as text for Prometheus. */
export function metricsText(mrouter: Observed): string {
  return renderMetrics([
    ...identityMetrics(mrouter),
    ...datagramMetrics(mrouter),
    ...peerMetrics(mrouter),
    ...gatewayMetrics(mrouter),
    ...processMetrics(),
  ]);
}

function identityMetrics({ status }: Observed): Metric[] {
  const { name, role, zone, tunnel, address, underlay, mapDigest } = status;
  return [
    {
      name: 'mrouter_info',
      type: 'gauge',
      help: 'What this MRouter is; always 1.',
      samples: [{ value: 1, labels: { node: name, role, zone, tunnel, address, underlay, map_digest: mapDigest } }],
    },
  ];
}

function datagramMetrics({ counters }: Observed): Metric[] {
  const { received, receivedBytes, originated, transmitted, transmittedBytes, relayed, delivered } = counters;
  return [
    counter('mrouter_received_datagrams_total', 'Datagrams from the underlay, hellos not counted.', received),
    counter('mrouter_received_bytes_total', 'Bytes of those, BIER headers included.', receivedBytes),
    counter('mrouter_originated_datagrams_total', 'Datagrams handed in on this host.', originated),
    counter('mrouter_transmitted_datagrams_total', 'Copies given to the underlay, hellos not counted.', transmitted),
    counter('mrouter_transmitted_bytes_total', 'Bytes of those, BIER headers included.', transmittedBytes),
    counter('mrouter_relayed_datagrams_total', 'Copies of received datagrams among those.', relayed),
    counter('mrouter_delivered_datagrams_total', 'Datagrams given to applications of this host.', delivered),
    counter('mrouter_hellos_sent_total', 'Hellos and answers sent.', counters.hellosSent),
    counter('mrouter_hellos_received_total', 'Hellos and answers received.', counters.hellosReceived),
    counter('mrouter_decisions_total', 'Forwarding decisions that were not remembered.', counters.decisions),
    {
      name: 'mrouter_dropped_datagrams_total',
      type: 'counter',
      help: 'Datagrams dropped, by reason.',
      samples: Object.entries(counters.dropped).map(([reason, value]) => ({ value, labels: { reason } })),
    },
  ];
}

function peerMetrics(mrouter: Observed): Metric[] {
  const { map, status } = mrouter;
  const differing = new Set(status.otherMaps);
  const byTarget = (value: (name: string) => boolean): Sample[] =>
    map.targets.map(({ name, zone }) => ({ value: Number(value(name)), labels: { target: name, zone: zone.name } }));
  return [
    {
      name: 'mrouter_target_up',
      type: 'gauge',
      help: 'Whether a target of the cluster map gave a sign of life lately.',
      samples: byTarget((name) => mrouter.isLive(name)),
    },
    {
      name: 'mrouter_target_other_map',
      type: 'gauge',
      help: 'Whether a target says that its cluster map is another one.',
      samples: byTarget((name) => differing.has(name)),
    },
    {
      name: 'mrouter_learned_initiators',
      type: 'gauge',
      help: 'Initiators in no map that this host can answer.',
      samples: [{ value: status.initiators.length }],
    },
  ];
}

function gatewayMetrics({ status: { gateway } }: Observed): Metric[] {
  if (!gateway) return [];
  const { mtu, sent, received, ignored, errors } = gateway;
  return [
    {
      name: 'mrouter_gateway_mtu_bytes',
      type: 'gauge',
      help: 'Longest packet of a program that fits the underlay.',
      samples: [{ value: mtu, labels: { interface: gateway.interface } }],
    },
    counter('mrouter_gateway_sent_packets_total', 'Packets of programs that went into the overlay.', sent),
    counter('mrouter_gateway_received_packets_total', 'Packets from the overlay given to programs.', received),
    counter(
      'mrouter_gateway_ignored_packets_total',
      'Packets of the kernel that are no concern of the overlay.',
      ignored,
    ),
    counter('mrouter_gateway_errors_total', 'ICMPv6 errors given to programs.', errors),
  ];
}

/** The names that every Prometheus client library uses. */
function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  const gauge = (name: string, help: string, value: number): Metric => ({
    ...counter(name, help, value),
    type: 'gauge',
  });
  return [
    counter('process_cpu_seconds_total', 'Processor time spent.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Memory in use.', process.memoryUsage.rss()),
    gauge(
      'process_start_time_seconds',
      'When it started, since 1970.',
      Math.round(Date.now() / 1000 - process.uptime()),
    ),
  ];
}
