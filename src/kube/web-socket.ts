import type { IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { WebSocket } from 'ws';
import { messageOf } from '../report/errors.ts';
import type { Headers } from './credentials.ts';
import { cut, type KubeError, refusal, unreachable } from './errors.ts';
import type { Session } from './transport.ts';

export type WebSocketOptions = {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly request: string;
  readonly headers: Headers;
  readonly session: Session;
  /** Bounds the handshake only. */
  readonly signal: AbortSignal;
};

/**
 * Opens a WebSocket. It comes paused, so that nothing is lost before the caller listens: attach listeners, then
 * `resume()`. The caller closes it. Throws `KubeError` with the API's reason when the upgrade is refused.
 */
export function openWebSocket({
  url,
  protocols,
  request,
  headers,
  session,
  signal,
}: WebSocketOptions): Promise<WebSocket> {
  const socket = new WebSocket(url, [...protocols], {
    ...session.socketOptions,
    // ws hands them to node:http, which takes lists for headers that stand more than once; its types do not say so.
    headers: { ...headers } as Record<string, string>,
    // Logs and archives are compressed already or at the other end; and a bomb could not be bounded.
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
    followRedirects: false,
  });
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(cut(request, 'Aborted', 'no connection in time'));
      socket.terminate();
    };
    const done = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('open', () => {
      done();
      socket.removeListener('error', onError);
      socket.pause();
      resolve(socket);
    });
    const onError = (error: Error) => {
      done();
      reject(unreachable(request, new URL(url).origin.replace(/^ws/, 'http'), error));
    };
    socket.on('error', onError);
    socket.once('unexpected-response', (_clientRequest, response) => {
      done();
      // Ending the socket below raises an error of its own, which says less than the answer.
      socket.off('error', onError).on('error', () => undefined);
      readRefusal(request, response, signal).then(reject, reject);
      response.once('close', () => socket.terminate());
    });
    if (signal.aborted) onAbort();
  });
}

/** The deadline holds for the reason as well; of one that was cut off, what came is told. */
async function readRefusal(request: string, response: IncomingMessage, signal: AbortSignal): Promise<KubeError> {
  let text = '';
  try {
    for await (const chunk of addAbortSignal(signal, response)) {
      text += String(chunk);
      if (text.length > 65_536) break;
    }
  } catch (error) {
    text ||= `the reason was cut off (${messageOf(error)})`;
  }
  // A status below 400 where an upgrade was asked for: a server or proxy that does not speak WebSocket.
  return refusal(request, response.statusCode ?? 502, text, response.headers['retry-after']);
}
