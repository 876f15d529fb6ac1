/**
 * onnxruntime 1.30 sends usage events to its vendor unless this variable is set before its library
 * is loaded. We promise no telemetry, so it is set before anything imports the runtime.
 *
 * In the main thread the assignment reaches the C library's environment. A worker thread has only a
 * copy, so whoever starts a worker that opens sessions imports this module too.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
