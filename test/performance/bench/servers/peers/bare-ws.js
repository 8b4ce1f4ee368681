// What everything is measured against: `ws` as its README shows it, answering each request with its own params.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' });
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { id, params } = JSON.parse(data.toString());
    socket.send(JSON.stringify({ id, type: 1, result: params }));
  });
});
