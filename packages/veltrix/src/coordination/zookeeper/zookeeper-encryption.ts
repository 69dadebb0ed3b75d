import { connect as connectTls } from 'node:tls';
import type { Client } from 'node-zookeeper-client';
import { type TlsOptions, tlsConnectionOptions } from '../../tls/index.ts';

const isConnecting = 1;

/** Makes a client connect by TLS, which it cannot do by itself. To be called before it connects. */
export function encrypt(client: Client, tls: TlsOptions): void {
  const manager = client.connectionManager;
  manager.connect = () => {
    manager.setState(isConnecting);
    manager.findNextServer(({ host, port }) => {
      const socket = connectTls({ ...tlsConnectionOptions(tls, host), host, port });
      manager.socket = socket;
      manager.connectTimeoutHandler = setTimeout(
        () => manager.onSocketConnectTimeout(),
        manager.connectTimeout,
      );
      socket.setNoDelay(true);
      socket.on('error', () => manager.onSocketError());
      socket.on('close', () => manager.onSocketClosed());
      socket.on('drain', () => manager.onSocketDrain());
      socket.on('data', (bytes) => manager.onSocketData(bytes));
      socket.once('secureConnect', () => manager.onSocketConnected());
    });
  };
}
