// Each sentence of the guide and the tests that show it. requirements.spec.ts fails for a sentence without.
// What a sentence says of Go (goroutines, pools by name) is shown by what does its work here.

export interface Requirement {
  readonly section: string;
  readonly sentence: string;
  /** `<file> > <title>` */
  readonly tests: readonly string[];
}

const BILLING = 'test/extending/billing.spec.ts';
const BINARY = 'test/guide/binary-protocol.spec.ts';
const CLIENT = 'libs/client/src/client.spec.ts';
const CODEC = 'test/performance/codec/codec.spec.ts';
const COMMANDS = 'test/requirements/commands.spec.ts';
const CONFORMANCE = 'libs/protocol/src/conformance.spec.ts';
const CONNECTING = 'test/protocol/connecting.spec.ts';
const EXAMPLES = 'test/guide/client-examples.spec.ts';
const HEALTH = 'test/monitoring/health.spec.ts';
const KEEP_ALIVE = 'src/connection/keep-alive.spec.ts';
const LOAD = 'test/performance/load/load.spec.ts';
const MESSAGES = 'test/protocol/messages.spec.ts';
const METHODS = 'test/guide/standard-methods.spec.ts';
const METRICS = 'test/monitoring/metrics.spec.ts';
const OUTBOX = 'src/connection/outbox.spec.ts';
const RATES = 'test/guide/rate-limits.spec.ts';
const SECURITY = 'test/guide/message-security.spec.ts';
const SESSIONS = 'test/protocol/sessions.spec.ts';
const SETTINGS = 'test/guide/settings.spec.ts';
const STATES = 'src/connection/connection-state.spec.ts';
const TUNING = 'test/guide/tuning.spec.ts';

export const REQUIREMENTS: readonly Requirement[] = [
  ...section('Overview', {
    'The WebSocket implementation provides real-time, bidirectional communication between AI agents, IDEs, and the MCP server.': [
      `${METHODS} > event.subscribe brings notifications, event.unsubscribe ends them`,
      `${TUNING} > the server asks an agent to run a tool that it registered`,
    ],
    'High Performance: Binary protocol with 10-15x performance improvement over JSON': [
      `${CODEC} > is as fast as the guide says where a result holds bytes`,
    ],
    'Security: JWT/API key authentication, HMAC signatures, and rate limiting': [
      `${CONNECTING} > Authorization: Bearer with an API key`,
      `${CONNECTING} > Authorization: Bearer with a JWT`,
      `${SECURITY} > a message signed with HMAC-SHA256 is handled, and its answer is signed as well`,
      `${RATES} > a connection has 100 messages at once, and 1000 a minute`,
    ],
    'Scalability: Connection pooling, message batching, and zero-allocation design': [
      `${OUTBOX} > gives no buffer back before the socket has taken its bytes`,
      `${MESSAGES} > answers come in batches to who takes them, and singly to who does not`,
    ],
    'Reliability: Anti-replay protection, automatic reconnection, and error handling': [
      `${SECURITY} > a signed message that comes again is refused by its id, and nothing runs`,
      `${CLIENT} > comes back, resumes, and repeats what was not answered`,
      `${MESSAGES} > %s`,
    ],
  }),
  ...section('Architecture > Component Overview', {
    'figure: │  AI Agents  │────▶│  WebSocket   │────▶│  MCP Server   │': [
      `${METHODS} > context.create, context.get, context.update and context.list keep a context`,
      `${METHODS} > tool.execute runs a tool`,
      `${METHODS} > event.subscribe brings notifications, event.unsubscribe ends them`,
    ],
  }),
  ...section('Architecture > Key Components', {
    'WebSocket Server (server.go)': [`${METHODS} > initialize opens the session and tells principal, limits and methods`],
    'Handles connection lifecycle': [`${STATES} > moves forward only`],
    'Routes messages to handlers': [
      `${METHODS} > batch 6 holds messages that are handled one by one`,
      `${BILLING} > its methods answer, each tenant by itself`,
    ],
    'Manages authentication and authorization': [
      `${CONNECTING} > 401 with WWW-Authenticate for a wrong credential`,
      `${MESSAGES} > every method but the session’s own needs its scope: 4012 names it`,
    ],
    'Connection Manager (connection.go)': [`${STATES} > moves forward only`],
    'Read/write pumps for bidirectional communication': [
      `${OUTBOX} > writes all messages of a turn at once, in order`,
      `${MESSAGES} > beyond max_in_flight the server stops reading, and loses nothing`,
    ],
    'Per-connection rate limiting': [`${RATES} > a connection has 100 messages at once, and 1000 a minute`],
    'State management': [`${STATES} > has the numbers of the guide`],
    'Message Handlers (handlers.go)': [`${BILLING} > its methods answer, each tenant by itself`],
    'Process different message types': [
      `${METHODS} > ping 4 is answered with pong 5`,
      `${METHODS} > batch 6 holds messages that are handled one by one`,
    ],
    'Interface with MCP components': [`${METHODS} > tool.execute runs a tool`],
    'Error handling and response formatting': [`${METHODS} > error 3 bears the request’s id, a code, a message and data`],
    'Binary Protocol (binary.go)': [
      `${BINARY} > an answer has the 24-byte header: magic, version, type, flags, sequence id, method, reserved, data size`,
    ],
    'High-performance binary encoding/decoding': [`${CODEC} > is as fast as the guide says where a result holds bytes`],
    '24-byte header format': [
      `${BINARY} > an answer has the 24-byte header: magic, version, type, flags, sequence id, method, reserved, data size`,
    ],
    'Compression support': [`${BINARY} > payloads of 1024 bytes and more are compressed where agreed, and bit 0 says so`],
    'Security Layer (auth.go)': [`${CONNECTING} > 401 for a JWT with the wrong issuer, audience, signature, tenant or time`],
    'JWT and API key validation': [
      `${CONNECTING} > 401 for a JWT with the wrong issuer, audience, signature, tenant or time`,
      `${CONNECTING} > 401 with WWW-Authenticate for a wrong credential`,
    ],
    'HMAC message signatures': [`${SECURITY} > a message signed with HMAC-SHA256 is handled, and its answer is signed as well`],
    'Session key management': [`${SECURITY} > each connection has keys of its own`, `${CONFORMANCE} > a wiped channel protects nothing`],
  }),
  ...section('Connection Management > Connection Lifecycle', {
    Handshake: [`${CONNECTING} > Authorization: Bearer with an API key`],
    'http: GET /ws HTTP/1.1': [`${EXAMPLES} > %s: an upgrade with the Authorization header alone, and initialize as in the example`],
    Initialization: [
      `${METHODS} > initialize opens the session and tells principal, limits and methods`,
      `${MESSAGES} > a request gets 4013`,
    ],
    'json: "id": "uuid",': [`${EXAMPLES} > JavaScript: the example as printed, with a key, is answered`],
    'Active Communication': [`${METHODS} > request 0 is answered with response 1`],
    'Request/Response pattern': [`${METHODS} > request 0 is answered with response 1`],
    'Notifications for events': [`${METHODS} > event.subscribe brings notifications, event.unsubscribe ends them`],
    'Ping/Pong for keep-alive': [
      `${METHODS} > ping 4 is answered with pong 5`,
      `${KEEP_ALIVE} > asks the silent after the ping interval, and ends who gives no sign within the pong timeout`,
    ],
    'Graceful Shutdown': [`${SESSIONS} > readiness fails first, requests in flight are finished, then 4503, and the process ends with 0`],
    'Close frame with status code': [
      `${SESSIONS} > readiness fails first, requests in flight are finished, then 4503, and the process ends with 0`,
    ],
    'Cleanup of resources': [
      `${SESSIONS} > what runs is aborted when its connection ends`,
      `${METRICS} > websocket_connections_total and websocket_connections_active follow connections that come and go`,
    ],
    'Session termination': [`${CONFORMANCE} > a wiped channel protects nothing`, `${CONNECTING} > a revoked key: 4401`],
  }),
  ...section('Connection Management > Connection States', {
    ConnectionStateConnecting: [
      `${STATES} > has the numbers of the guide`,
      `${METRICS} > tells connections by state, messages, errors by code, latency, event loop and memory`,
    ],
    ConnectionStateConnected: [
      `${STATES} > has the numbers of the guide`,
      `${METRICS} > tells connections by state, messages, errors by code, latency, event loop and memory`,
    ],
    ConnectionStateClosing: [`${STATES} > has the numbers of the guide`, `${STATES} > moves forward only`],
    ConnectionStateClosed: [`${STATES} > has the numbers of the guide`, `${STATES} > moves forward only`],
  }),
  ...section('Message Protocol > Message Types', {
    MessageTypeRequest: [`${METHODS} > request 0 is answered with response 1`],
    MessageTypeResponse: [`${METHODS} > request 0 is answered with response 1`],
    MessageTypeNotification: [`${METHODS} > notification 2 tells without asking for an answer`],
    MessageTypeError: [`${METHODS} > error 3 bears the request’s id, a code, a message and data`],
    MessageTypePing: [`${METHODS} > ping 4 is answered with pong 5`],
    MessageTypePong: [`${METHODS} > ping 4 is answered with pong 5`],
    MessageTypeBatch: [`${METHODS} > batch 6 holds messages that are handled one by one`],
  }),
  ...section('Message Protocol > Message Structure', {
    'json: "id": "unique-message-id",': [
      `${METHODS} > error 3 bears the request’s id, a code, a message and data`,
      `${MESSAGES} > unknown members of the envelope are ignored`,
    ],
  }),
  ...section('Message Protocol > Standard Methods', {
    'initialize - Initialize connection': [`${METHODS} > initialize opens the session and tells principal, limits and methods`],
    'tool.list - List available tools': [`${METHODS} > tool.list lists tools with their schemas`],
    'tool.execute - Execute a tool': [`${METHODS} > tool.execute runs a tool`],
    'context.create - Create new context': [`${METHODS} > context.create, context.get, context.update and context.list keep a context`],
    'context.get - Retrieve context': [`${METHODS} > context.create, context.get, context.update and context.list keep a context`],
    'context.update - Update context': [`${METHODS} > context.create, context.get, context.update and context.list keep a context`],
    'context.list - List contexts': [`${METHODS} > context.create, context.get, context.update and context.list keep a context`],
    'event.subscribe - Subscribe to events': [`${METHODS} > event.subscribe brings notifications, event.unsubscribe ends them`],
    'event.unsubscribe - Unsubscribe from events': [`${METHODS} > event.subscribe brings notifications, event.unsubscribe ends them`],
  }),
  ...section('Binary Protocol > Header Format (24 bytes)', {
    'figure: │   Magic    │ Version │ Type │ Flags │ SequenceID │ Method │ Reserved │ DataSize │': [
      `${BINARY} > an answer has the 24-byte header: magic, version, type, flags, sequence id, method, reserved, data size`,
    ],
    'Magic: 0x4D435057 ("MCPW")': [
      `${BINARY} > an answer has the 24-byte header: magic, version, type, flags, sequence id, method, reserved, data size`,
      `${BINARY} > a frame with %s is refused, and the connection stays`,
    ],
    'Version: Protocol version (currently 1)': [`${BINARY} > a frame with %s is refused, and the connection stays`],
    'Type: Message type (0-6)': [`${BINARY} > a frame with %s is refused, and the connection stays`],
    'Flags: Compression (bit 0), Encryption (bit 1)': [
      `${BINARY} > payloads of 1024 bytes and more are compressed where agreed, and bit 0 says so`,
      `${SECURITY} > a frame encrypted with AES-256-GCM is handled, and its answer is encrypted as well`,
    ],
    'SequenceID: Unique message sequence number': [
      `${SECURITY} > a sequence id that was seen is refused, within a window that takes them out of order`,
    ],
    'Method: Method enum value (not string)': [`${BINARY} > the method is a number, not a string`],
    'Reserved: Future use': [`${BINARY} > a frame with %s is refused, and the connection stays`],
    'DataSize: Payload size in bytes': [
      `${BINARY} > an answer has the 24-byte header: magic, version, type, flags, sequence id, method, reserved, data size`,
      `${BINARY} > a frame with %s is refused, and the connection stays`,
    ],
  }),
  ...section('Binary Protocol > Performance Benefits', {
    '10-15x faster than JSON encoding/decoding': [`${CODEC} > is as fast as the guide says where a result holds bytes`],
    'Reduced network overhead': [`${CODEC} > is smaller than JSON in every message`, `${BINARY} > an answer is smaller than in JSON`],
    'Zero-allocation design with object pooling': [`${OUTBOX} > gives no buffer back before the socket has taken its bytes`],
    'CPU cache-friendly data layout': ['libs/protocol/src/msgpack/msgpack.spec.ts > binary is a view'],
  }),
  ...section('Security > Authentication', {
    'API Key Authentication': [`${CONNECTING} > Authorization: Bearer with an API key`],
    'http: Authorization: Bearer <api-key>': [`${CONNECTING} > Authorization: Bearer with an API key`],
    'JWT Authentication': [`${CONNECTING} > Authorization: Bearer with a JWT`],
    'http: Authorization: Bearer <jwt-token>': [`${CONNECTING} > Authorization: Bearer with a JWT`],
  }),
  ...section('Security > Message Security', {
    'HMAC Signatures (optional)': [
      `${SECURITY} > a message signed with HMAC-SHA256 is handled, and its answer is signed as well`,
      `${SECURITY} > are demanded by a server that is set so`,
    ],
    'Per-connection session keys': [`${SECURITY} > each connection has keys of its own`],
    'SHA-256 based HMAC': [`${SECURITY} > a message signed with HMAC-SHA256 is handled, and its answer is signed as well`],
    'Prevents tampering': [`${SECURITY} > a message that was %s is refused, and the connection closed with 4401`],
    'Anti-Replay Protection': [`${SECURITY} > a signed message that comes again is refused by its id, and nothing runs`],
    'Message ID tracking': [
      `${SECURITY} > a signed message that comes again is refused by its id, and nothing runs`,
      `${MESSAGES} > an id that has come before: 4010, and nothing runs`,
    ],
    'Timestamp validation': [`${SECURITY} > a timestamp %i ms from the server’s clock is refused`],
    'Nonce verification': [`${SECURITY} > a nonce that comes again is refused, though the id is new`],
  }),
  ...section('Security > Rate Limiting', {
    'Per-Connection: Token bucket algorithm': [
      'src/limits/token-bucket.spec.ts > gives its burst at once, then its rate',
      `${RATES} > a connection has 100 messages at once, and 1000 a minute`,
    ],
    'Per-IP: Separate rate limiting for IP addresses': [`${RATES} > all connections of one %s are limited together`],
    'Per-Tenant: Tenant-specific limits': [
      `${RATES} > all connections of one %s are limited together`,
      `${RATES} > a tenant’s traffic costs another tenant nothing`,
    ],
    '1000 messages per minute per connection': [`${RATES} > a connection has 100 messages at once, and 1000 a minute`],
    'Burst capacity of 100 messages': [`${RATES} > a connection has 100 messages at once, and 1000 a minute`],
    'Configurable per deployment': [`${RATES} > rate and burst are what the deployment sets`],
  }),
  ...section('Performance Optimizations > Object Pooling', {
    'go: msg := GetMessage()': [`${OUTBOX} > gives no buffer back before the socket has taken its bytes`],
  }),
  ...section('Performance Optimizations > Message Batching', {
    'Automatic batching of small messages': [`${MESSAGES} > answers come in batches to who takes them, and singly to who does not`],
    'Configurable batch size and flush interval': [
      `${TUNING} > the size of batches is what is set`,
      `${TUNING} > messages wait for others as long as the flush interval says`,
    ],
    'Reduces system calls and network overhead': [`${OUTBOX} > writes all messages of a turn at once, in order`],
  }),
  ...section('Performance Optimizations > Connection Pooling', {
    'Pre-allocated connection structures': [`${OUTBOX} > gives no buffer back before the socket has taken its bytes`],
    'Reuse of goroutines': [`${OUTBOX} > writes all messages of a turn at once, in order`],
    'Reduced GC pressure': [
      `${CODEC} > allocates less than JSON does: %s`,
      `${OUTBOX} > gives no buffer back before the socket has taken its bytes`,
    ],
  }),
  ...section('Performance Optimizations > Zero-Copy Operations', {
    'Direct buffer manipulation': [
      'libs/protocol/src/msgpack/msgpack.spec.ts > binary is a view',
      'libs/protocol/src/frame/frame.spec.ts > may be read from the middle of a buffer',
    ],
    'Avoiding unnecessary allocations': [
      `${CODEC} > allocates less than JSON does: %s`,
      'libs/protocol/src/frame/frame.spec.ts > is checked by its header before anything is said of its payload',
    ],
    'Efficient memory usage': ['libs/protocol/src/msgpack/msgpack.spec.ts > takes memory only for what is there'],
  }),
  ...section('API Reference > WebSocket Endpoints', {
    'GET /ws - Main WebSocket endpoint': [`${CONNECTING} > Authorization: Bearer with an API key`, `${CONNECTING} > 404 for another path`],
    'GET /api/v1/websocket/stats - Connection statistics': [
      `${METRICS} > tells connections by state, messages, errors by code, latency, event loop and memory`,
    ],
    'GET /api/v1/websocket/health - Health check': [`${HEALTH} > answers anybody, in the shape of the guide`],
    'GET /api/v1/websocket/metrics - Prometheus metrics': [`${METRICS} > websocket_errors_total counts errors by type`],
  }),
  ...section('API Reference > Client Libraries > JavaScript/TypeScript', {
    "javascript: const ws = new WebSocket('ws://localhost:8080/ws');": [
      `${EXAMPLES} > JavaScript: the example as printed, with a key, is answered`,
    ],
  }),
  ...section('API Reference > Client Libraries > Go', {
    'go: import "github.com/coder/websocket"': [
      `${EXAMPLES} > %s: an upgrade with the Authorization header alone, and initialize as in the example`,
    ],
  }),
  ...section('API Reference > Client Libraries > Python', {
    'python: import websockets': [`${EXAMPLES} > %s: an upgrade with the Authorization header alone, and initialize as in the example`],
  }),
  ...section('Configuration > WebSocket Configuration', {
    'websocket.enabled: true': [`${CONNECTING} > 503 when WebSocket is disabled`],
    'websocket.max_connections: 1000': [`${CONNECTING} > 503 with Retry-After when the server is full`],
    'websocket.read_buffer_size: 4096': [`${SETTINGS} > read_buffer_size`],
    'websocket.write_buffer_size: 4096': [`${SETTINGS} > write_buffer_size`],
    'websocket.ping_interval: 30s': [`${SETTINGS} > ping_interval`],
    'websocket.pong_timeout: 60s': [`${SETTINGS} > pong_timeout`],
    'websocket.max_message_size: 1048576': [`${MESSAGES} > one byte over max_message_size: 1009`],
    'websocket.security.require_auth: true': [`${CONNECTING} > a caller without credentials is anonymous of the tenant default`],
    'websocket.security.hmac_signatures: false': [`${SECURITY} > are demanded by a server that is set so`],
    'websocket.security.allowed_origins: ["*"]': [
      `${CONNECTING} > 403 for a foreign origin; the own origin and none at all pass`,
      `${SETTINGS} > allowed_origins`,
    ],
    'websocket.security.max_frame_size: 1048576': [`${MESSAGES} > a frame over max_frame_size: 1009, though its message would fit`],
    'websocket.rate_limit.enabled: true': [`${RATES} > nothing is limited where that is switched off`],
    'websocket.rate_limit.rate: 16.67': [`${RATES} > rate and burst are what the deployment sets`],
    'websocket.rate_limit.burst: 100': [`${RATES} > rate and burst are what the deployment sets`],
    'websocket.rate_limit.per_ip: true': [
      `${RATES} > all connections of one %s are limited together`,
      `${RATES} > %s: false lifts that limit`,
    ],
    'websocket.rate_limit.per_user: true': [
      `${RATES} > all connections of one %s are limited together`,
      `${RATES} > %s: false lifts that limit`,
    ],
  }),
  ...section('Configuration > Environment Variables', {
    'WEBSOCKET_ENABLED - Enable/disable WebSocket server': [`${HEALTH} > is healthy, since that is on purpose, and tells so`],
    'WEBSOCKET_MAX_CONNECTIONS - Maximum concurrent connections': [`${SETTINGS} > WEBSOCKET_MAX_CONNECTIONS`],
    'WEBSOCKET_AUTH_REQUIRED - Require authentication': [`${SETTINGS} > WEBSOCKET_AUTH_REQUIRED`],
    'WEBSOCKET_RATE_LIMIT - Messages per minute': [`${SETTINGS} > WEBSOCKET_RATE_LIMIT`],
  }),
  ...section('Testing > Unit Tests', { '$ make test-websocket': [`${COMMANDS} > make test-websocket runs the unit tests`] }),
  ...section('Testing > Functional Tests', {
    '$ make test-functional-websocket': [`${COMMANDS} > make test-functional-websocket runs the behaviour tests on the built server`],
  }),
  ...section('Testing > Performance Tests', {
    '$ make test-websocket-performance': [`${COMMANDS} > make test-websocket-performance measures what a message costs`],
  }),
  ...section('Testing > Load Tests', {
    '$ make test-websocket-load': [
      `${COMMANDS} > make test-websocket-load sends 100 messages on each of 10 connections`,
      `${LOAD} > sends 10 connections × 100 messages and prints throughput, percentiles and errors`,
    ],
    '$ make test-websocket-load-custom CONNECTIONS=50 MESSAGES=200 DURATION=120': [
      `${COMMANDS} > make test-websocket-load-custom takes CONNECTIONS, MESSAGES and DURATION`,
      `${LOAD} > spreads the messages over a duration`,
    ],
  }),
  ...section('Monitoring > Metrics', {
    'websocket_connections_total - Total connections created': [
      `${METRICS} > websocket_connections_total and websocket_connections_active follow connections that come and go`,
    ],
    'websocket_connections_active - Currently active connections': [
      `${METRICS} > websocket_connections_total and websocket_connections_active follow connections that come and go`,
    ],
    'websocket_messages_sent - Total messages sent': [
      `${METRICS} > websocket_messages_received, websocket_messages_sent and websocket_message_latency follow requests`,
    ],
    'websocket_messages_received - Total messages received': [
      `${METRICS} > websocket_messages_received, websocket_messages_sent and websocket_message_latency follow requests`,
    ],
    'websocket_message_latency - Message processing latency': [
      `${METRICS} > websocket_messages_received, websocket_messages_sent and websocket_message_latency follow requests`,
    ],
    'websocket_errors_total - Total errors by type': [
      `${METRICS} > websocket_errors_total counts errors by type`,
      `${METRICS} > labels never hold what a client sent`,
    ],
  }),
  ...section('Monitoring > Health Checks', {
    '$ curl http://localhost:8080/api/v1/websocket/health': [`${HEALTH} > answers anybody, in the shape of the guide`],
    'json: "status": "healthy",': [
      `${HEALTH} > answers anybody, in the shape of the guide`,
      `${HEALTH} > is degraded when nine connections in ten are taken, and answers 503`,
      `${HEALTH} > is not healthy when much of the traffic fails by the server’s own fault, and tells the share`,
    ],
  }),
  ...section('Troubleshooting > Common Issues', {
    'Connection Refused': [`${CONNECTING} > 503 when WebSocket is disabled`],
    'Check if WebSocket is enabled in configuration': [`${CONNECTING} > 503 when WebSocket is disabled`],
    'Verify the server is running': [`${HEALTH} > say that the process lives and that it is ready, to anybody`],
    'Check firewall rules': [`${SETTINGS} > HOST and PORT`],
    'Authentication Failed': [`${CONNECTING} > 401 with WWW-Authenticate for a wrong credential`],
    'Verify API key or JWT token': [`${CONNECTING} > 401 with WWW-Authenticate for a wrong credential`],
    'Check token expiration': [
      'src/auth/jwt-verifier.spec.ts > that a good token has expired is told; of one with a wrong signature it is not',
    ],
    'Ensure proper Authorization header format': ['src/auth/credential.spec.ts > sees no credential in Authorization: %j'],
    'Rate Limiting': [`${RATES} > a connection has 100 messages at once, and 1000 a minute`],
    'Check current rate limit configuration': [`${METHODS} > initialize opens the session and tells principal, limits and methods`],
    'Monitor message frequency': [
      `${METRICS} > websocket_messages_received, websocket_messages_sent and websocket_message_latency follow requests`,
    ],
    'Consider batching messages': [`${METHODS} > batch 6 holds messages that are handled one by one`],
    'High Latency': [`${METRICS} > tells connections by state, messages, errors by code, latency, event loop and memory`],
    'Check network conditions': [`${METHODS} > ping 4 is answered with pong 5`],
    'Monitor server load': [`${METRICS} > tells of the process and the event loop`],
    'Consider using binary protocol': [`${BINARY} > an answer is smaller than in JSON`],
    'Enable message batching': [`${MESSAGES} > answers come in batches to who takes them, and singly to who does not`],
    'Connection Drops': [`${KEEP_ALIVE} > asks the silent after the ping interval, and ends who gives no sign within the pong timeout`],
    'Check ping/pong intervals': [`${SETTINGS} > ping_interval`, `${SETTINGS} > pong_timeout`],
    'Monitor network stability': [
      `${METRICS} > websocket_connections_total and websocket_connections_active follow connections that come and go`,
    ],
    'Review timeout settings': [
      `${CONNECTING} > a connection without a credential that says nothing is closed with 4408 after five seconds`,
    ],
  }),
  ...section('Troubleshooting > Debug Mode', {
    'logging.level: debug': [`${SETTINGS} > logging.level`],
    'logging.websocket.verbose: true': [`${SETTINGS} > logging.websocket.verbose`],
  }),
  ...section('Troubleshooting > Performance Tuning', {
    'For High Throughput': [`${LOAD} > sends 10 connections × 100 messages and prints throughput, percentiles and errors`],
    'Increase buffer sizes': [`${SETTINGS} > read_buffer_size`, `${SETTINGS} > write_buffer_size`],
    'Enable binary protocol': [`${LOAD} > speaks the binary protocol as well`],
    'Use message batching': [`${MESSAGES} > answers come in batches to who takes them, and singly to who does not`],
    'Increase connection pool size': [`${CONNECTING} > 503 with Retry-After when the server is full`],
    'For Low Latency': [`${TUNING} > messages wait for others as long as the flush interval says`],
    'Disable message batching': [`${TUNING} > nothing is sent in batches where that is switched off`],
    'Use smaller buffer sizes': [`${SETTINGS} > write_buffer_size`],
    'Enable TCP_NODELAY': [`${TUNING} > have TCP_NODELAY set: an answer does not wait for the one before to be acknowledged`],
    'Optimize handler code': [
      `${METRICS} > websocket_messages_received, websocket_messages_sent and websocket_message_latency follow requests`,
    ],
    'For Many Connections': [`${TUNING} > hundreds of idle connections cost little memory each`],
    'Increase max connections limit': [`${SETTINGS} > WEBSOCKET_MAX_CONNECTIONS`],
    'Enable connection pooling': [`${OUTBOX} > gives no buffer back before the socket has taken its bytes`],
    'Use efficient data structures': [`${TUNING} > hundreds of idle connections cost little memory each`],
    'Monitor memory usage': [`${METRICS} > tells of the process and the event loop`],
  }),
  ...section('Best Practices', {
    'Always Initialize: Send initialize message after connection': [`${MESSAGES} > a request gets 4013`],
    'Handle Errors: Implement proper error handling': [
      `${MESSAGES} > %s`,
      `${CLIENT} > asks by method and gives the result, or the error by its name`,
    ],
    'Use IDs: Include unique IDs in all requests': [
      `${MESSAGES} > an id that has come before: 4010, and nothing runs`,
      `${CLIENT} > never uses an id twice in a session`,
    ],
    'Batch When Possible: Group related operations': ['libs/client/src/outbound.spec.ts > sends together what one turn asks, in order'],
    'Monitor Metrics: Track performance and errors': [`${METRICS} > websocket_errors_total counts errors by type`],
    'Implement Reconnection: Handle connection failures gracefully': [`${CLIENT} > comes back, resumes, and repeats what was not answered`],
    'Validate Input: Sanitize all user input': [
      `${MESSAGES} > keys named __proto__ and constructor come back as what they are, and change nothing`,
      'test/faults/fuzz/fuzz.spec.ts > ends neither the server nor the service to others (seed %i)',
    ],
    'Use Binary Protocol: For performance-critical applications': [
      `${CLIENT} > offers the binary subprotocol and compression where frames are spoken`,
    ],
    'Rate Limit Clients: Implement client-side rate limiting': [
      "libs/client/src/outbound.spec.ts > keeps to the server's rate, of which initialize had its part",
    ],
    'Clean Shutdown: Close connections properly': [
      `${SESSIONS} > readiness fails first, requests in flight are finished, then 4503, and the process ends with 0`,
      `${CLIENT} > ends in good form, and fails what was asked`,
    ],
  }),
];

function section(name: string, sentences: Readonly<Record<string, readonly string[]>>): Requirement[] {
  return Object.entries(sentences).map(([sentence, tests]) => ({ section: name, sentence, tests }));
}
