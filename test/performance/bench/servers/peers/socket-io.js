// Socket.IO as its documentation shows it: an event with an acknowledgement, and a room that events go to.
import { Server } from 'socket.io';

const io = new Server(Number(process.env.PORT), { transports: ['websocket'] });
io.on('connection', (socket) => {
  socket.on('tool.execute', (params, acknowledge) => acknowledge(params));
  socket.on('subscribe', (room) => socket.join(room));
  socket.on('publish', (events) => {
    for (const { event, data } of events) io.to(event).emit('event', { event, data, timestamp: new Date().toISOString() });
  });
});
