// One small server, so that the page, the dashboards and Prometheus have one origin.
import { createServer, request } from 'node:http';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGE = join(dirname(fileURLToPath(import.meta.url)), 'page');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };

function forward(incoming, outgoing, prometheus) {
  const { 'content-type': type } = incoming.headers;
  const up = request(new URL(incoming.url, prometheus), { method: incoming.method, headers: type ? { 'content-type': type } : {} }, (answer) => {
    outgoing.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    answer.pipe(outgoing);
  });
  up.on('error', (error) => { outgoing.writeHead(502); outgoing.end(`Prometheus: ${error.message}`); });
  incoming.pipe(up);
}

// folder of the path's first part; only plain names below it, so nothing else can be read
function fileOf(path, { dashboards, modules }) {
  const folders = { '/page': PAGE, '/dashboards': dashboards, '/uplot': join(modules, 'uplot', 'dist') };
  if (path === '/') return join(PAGE, 'index.html');
  const folder = folders[dirname(path)];
  return folder && join(folder, basename(path));
}

// serve({prometheus, dashboards, modules}): resolves to {url, close} on a free port of 127.0.0.1
export function serve(options) {
  const server = createServer(async (incoming, outgoing) => {
    const path = decodeURIComponent(new URL(incoming.url, 'http://page').pathname);
    if (path.startsWith('/api/v1/')) { forward(incoming, outgoing, options.prometheus); return; }
    if (path === '/favicon.ico') { outgoing.writeHead(204); outgoing.end(); return; }
    const file = fileOf(path, options);
    try {
      const content = await readFile(file);
      outgoing.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
      outgoing.end(content);
    } catch {
      outgoing.writeHead(404);
      outgoing.end(`${path}: not found`);
    }
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }));
  });
}
