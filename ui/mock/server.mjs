// A stand-in for the program while the page is developed and tested: the page's API from memory, and a conversation over
// the WebSocket that follows a script. It knows nothing, hears nothing, and is never shipped.
//
//   npm run mock            a conversation at http://127.0.0.1:4380 (with `npm run dev` beside it, or the built page)

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { firstMeeting, history, mind, session, status, voices } from "./data.mjs";
import { Realtime } from "./realtime.mjs";
import { sampleWAV } from "./voice.mjs";

const dist = fileURLToPath(new URL("../../internal/web/assets/dist/", import.meta.url));
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** The policy the program sends too: files of this origin only. */
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "media-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Starts the mock; scripted makes it answer by itself. Returns its address, handles for tests, and close(). */
export async function startMock({ port = 0, scripted = false, ...given } = {}) {
  const world = {
    signedIn: true,
    met: true,
    step: 0,
    ownerLink: "good",
    lineDown: false,
    refused: 0,
    settings: { captions: true, theme: "auto" },
    voice: "warm",
    requests: [],
    ...given,
  };
  const realtime = new Realtime(scripted);
  const server = createServer((request, response) => {
    answer(world, request, response).catch((error) => send(response, 500, { title: String(error) }));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "realtime" });
  server.on("upgrade", (request, socket, head) => {
    if (world.lineDown || !world.signedIn) {
      world.refused++;
      socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (line) => realtime.take(line));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    world,
    realtime,
    close: () =>
      new Promise((resolve) => {
        realtime.close();
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

async function answer(world, request, response) {
  const url = new URL(request.url, "http://mock");
  const body = await read(request);
  const call = `${request.method} ${url.pathname}`;
  if (url.pathname.startsWith("/api/") || url.pathname.startsWith("/v1/")) world.requests.push({ call, body });
  if (call === "POST /api/owner-link") return ownerLink(world, response);
  if (call === "POST /v1/realtime/calls") return send(response, 501, { title: "The mock has no WebRTC" });
  if (!url.pathname.startsWith("/api/")) return file(url.pathname, response);
  if (!world.signedIn) return send(response, 401, { title: "Unauthorized", detail: "Nobody is signed in." });
  const sample = /^\/api\/voices\/(\w+)\/sample$/.exec(url.pathname);
  if (sample) return send(response, 200, sampleWAV(sample[1]), "audio/wav");
  const handler = handlers[call];
  if (!handler) return send(response, 404, { title: "Not found" });
  const result = handler(world, body ? JSON.parse(body) : {}, url.searchParams);
  return result === undefined ? send(response, 204) : send(response, 200, result);
}

const handlers = {
  "GET /api/session": (world) => session(world),
  "POST /api/sign-out": (world) => {
    world.signedIn = false;
  },
  "GET /api/meeting": (world) => firstMeeting(world),
  "POST /api/meeting": (world, { text }) => {
    world.step++;
    const next = firstMeeting(world, text);
    if (next.done) world.met = true;
    return next;
  },
  "POST /api/meeting/skip": (world) => {
    world.step = 4;
    world.met = true;
    return firstMeeting(world);
  },
  "GET /api/voices": (world) => ({ voices, current: world.voice }),
  "PUT /api/voice": (world, { id }) => {
    world.voice = id;
  },
  "GET /api/history": (_world, _body, query) => history(query),
  "GET /api/status": () => status,
  "GET /api/mind": () => mind,
  "PUT /api/mind": () => undefined,
  "GET /api/settings": (world) => world.settings,
  "PUT /api/settings": (world, settings) => {
    world.settings = settings;
  },
};

function ownerLink(world, response) {
  if (world.ownerLink === "good") {
    world.signedIn = true;
    world.ownerLink = "used";
    return send(response, 204);
  }
  return world.ownerLink === "used"
    ? send(response, 410, { title: "Gone", detail: "The link was used." })
    : send(response, 403, { title: "Forbidden" });
}

async function file(path, response) {
  const name = path === "/" ? "index.html" : normalize(path).replace(/^(\.\.[/\\])+/, "");
  try {
    const data = await readFile(join(dist, name));
    send(response, 200, data, types[extname(name)] ?? "application/octet-stream");
  } catch {
    send(response, 404, { title: "Not found" });
  }
}

function send(response, status, body, type = "application/json") {
  const data = body === undefined ? "" : Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": status >= 400 ? "application/problem+json" : type,
    "Content-Security-Policy": policy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  });
  response.end(data);
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: 4380, scripted: true, met: process.argv[2] !== "meeting" });
  console.log(`The mock answers at ${mock.url}`);
}
