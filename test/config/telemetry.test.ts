import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';

describe('the settings of telemetry', () => {
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318/' };

  it('trace nothing without a collector, whatever else is said', () => {
    assert.equal(loadConfig({ OTEL_SERVICE_NAME: 'mine', TRACEPARENT: '00-1-2-01', OTEL_TRACES_SAMPLER: 'always_on' }).telemetry.tracing, null);
  });

  it('trace with a collector for everything, or for traces alone', () => {
    assert.deepEqual(loadConfig(on).telemetry.tracing, { serviceName: null, traceparent: null, hasTimeout: false });
    assert.notEqual(loadConfig({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example/v1/traces' }).telemetry.tracing, null);
  });

  it('are off where OpenTelemetry is told to be off', () => {
    assert.equal(loadConfig({ ...on, OTEL_SDK_DISABLED: 'TRUE' }).telemetry.tracing, null);
    assert.equal(loadConfig({ ...on, OTEL_TRACES_EXPORTER: 'none' }).telemetry.tracing, null);
  });

  it('leave the time limit to OpenTelemetry where it is told one', () => {
    assert.equal(loadConfig({ ...on, OTEL_EXPORTER_OTLP_TIMEOUT: '5000' }).telemetry.tracing?.hasTimeout, true);
  });

  it('take the address of the metrics as people write it', () => {
    const read = (text: string) => loadConfig({ BAROMETER_WORKER_METRICS_ADDRESS: text }).telemetry.workerMetrics;
    assert.deepEqual(read('localhost:9464'), { host: '127.0.0.1', port: 9464, text: '127.0.0.1:9464' });
    assert.deepEqual(read('[::1]:9464'), { host: '::1', port: 9464, text: '[::1]:9464' });
  });
});
