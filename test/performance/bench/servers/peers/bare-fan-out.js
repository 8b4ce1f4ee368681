// A loop over bare `ws`: what comes as an array of events goes to all others, each event as one frame that is made once.
import { Sender, WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' });
let cursor = 0;
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    for (const { event, data: body } of JSON.parse(data.toString())) {
      const params = {
        subscription_id: 'AAAAAAAAAAAAAAAAAAAAAA',
        event,
        cursor: String(++cursor),
        data: body,
        timestamp: new Date().toISOString(),
      };
      const text = Buffer.from(JSON.stringify({ type: 2, method: 'event', params }));
      const frame = Buffer.concat(Sender.frame(text, { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }));
      for (const client of server.clients) if (client !== socket) client._socket.write(frame);
    }
  });
});
