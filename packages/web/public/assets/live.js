// @ts-check
import { huntPath } from './api.js';
import { byId, say } from './element.js';

/**
 * Follows a hunt for as long as the page is open. After each loss `onOpen` is called again, and the
 * page reads what it shows anew: simpler than a cursor, and right after any absence.
 * @param {string} hunt
 * @param {string | undefined} token
 * @param {{ onOpen: () => void, onEvent: (event: Record<string, any>) => void }} handlers
 * @returns {() => void} ends it
 */
export function follow(hunt, token, { onOpen, onEvent }) {
  const place = byId('connection');
  let losses = 0;
  let ended = false;
  /** @type {WebSocket} */
  let socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function connect() {
    clearTimeout(timer);
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${huntPath(hunt, '/live')}`);
    socket.onopen = () => {
      if (token !== undefined) socket.send(JSON.stringify({ type: 'hello', token }));
      say(place, '');
      onOpen();
    };
    socket.onmessage = ({ data }) => {
      losses = 0;
      const message = JSON.parse(data);
      for (const event of Array.isArray(message) ? message : [message]) onEvent(event);
    };
    socket.onclose = () => {
      if (ended) return;
      say(place, 'Reconnecting…');
      // Random, so that a crowd does not come back in one instant after a restart.
      timer = setTimeout(connect, Math.random() * Math.min(10_000, 500 * 2 ** losses++));
    };
  }

  function online() {
    if (socket.readyState === WebSocket.CLOSED) connect();
  }

  function offline() {
    socket.close();
  }

  addEventListener('online', online);
  addEventListener('offline', offline);
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    socket.close();
    say(place, '');
  };
}
