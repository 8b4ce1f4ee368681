// Keys that people bring from other servers and that cannot mean anything here, each with the reason.

/** A path of the YAML file refuses all below it as well. */
export const REFUSED_SETTINGS: Readonly<Record<string, string>> = {
  'websocket.path': 'the endpoint is /ws, as the protocol says; a reverse proxy can give it another name',
  'websocket.tcp_nodelay': 'Node sets TCP_NODELAY on every connection; batching.flush_interval decides how long messages wait',
  'websocket.handshake_timeout':
    'the upgrade is answered at once; initialize_timeout limits how long a connection may stay silent after it',
  'websocket.compression.per_message_deflate':
    'messages are framed here and written straight to the socket; payloads of binary frames are compressed instead, see compression.enabled',
  'websocket.connection_pool':
    'connections are not pooled: a closed socket cannot be used again; buffers are pooled, see write_buffer_size',
  'websocket.connection_pool_size':
    'connections are not pooled: a closed socket cannot be used again; buffers are pooled, see write_buffer_size',
  'websocket.pool_size': 'connections are not pooled: a closed socket cannot be used again; buffers are pooled, see write_buffer_size',
  'websocket.workers': 'one process has one event loop; start more processes to use more processors',
  'websocket.goroutines': 'there are no goroutines: one event loop serves all connections',
};
