/** To be imported before ONNX Runtime, which would otherwise tell its maker about its use, on Linux too. */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
