// rpc-websockets as its README shows it.
import { Server } from 'rpc-websockets';

const server = new Server({ port: Number(process.env.PORT), host: '127.0.0.1' });
server.register('tool.execute', (params) => params);
