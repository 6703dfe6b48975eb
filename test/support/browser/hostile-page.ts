import { createServer } from "node:http";
import { once } from "node:events";
import { findChromium, openPage } from "./chromium.ts";

export const chromium = findChromium();

/** How long a page waits for an attempt: a blocked one fails at once, one that gets through is quick on loopback. */
const PATIENCE_MILLISECONDS = 3_000;

/**
 * Opens a page of another site in Chromium, and has it call endpoints in every way that a page can: readable and blind requests,
 * images, frames, forms, web sockets and redirects. Besides the call it tries to create the topic `evil`. Resolves when it has tried them all.
 *
 * @param targets endpoints: `http://127.0.0.1:4566`
 * @param target X-Amz-Target of its calls, and `body` what it sends
 */
export async function attackFromPage(targets: readonly string[], call: { target: string; body: object }): Promise<void> {
  if (chromium === undefined) throw new Error("No Chromium on the PATH; name one with CHROMIUM.");
  const done = Promise.withResolvers<void>();
  const site = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://evil.localhost");
    if (url.pathname === "/done") done.resolve();
    if (url.pathname === "/redirect") {
      // 307 keeps the method and the body.
      response.writeHead(307, { location: url.searchParams.get("to") ?? "/" }).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/html" });
    response.end(
      url.pathname === "/" ? `<body><script type="module">(${attack})(${JSON.stringify([targets, call])})</script>` : "",
    );
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const address = site.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const close = openPage(chromium, `http://evil.localhost:${port}/`);
  try {
    await done.promise;
  } finally {
    await close();
    site.closeAllConnections();
    site.close();
  }
}

/** Runs in the page. */
const attack = `async ([targets, { target, body }]) => {
  const patience = ${PATIENCE_MILLISECONDS};
  const text = JSON.stringify(body);
  const settled = (promise) => Promise.race([promise.catch(() => {}), new Promise((resolve) => setTimeout(resolve, patience))]);
  const element = (name, attributes) => new Promise((resolve) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.onload = made.onerror = resolve;
    document.body.append(made);
  });
  const createTopic = "Action=CreateTopic&Name=evil&Version=2010-03-31";
  const form = (action, enctype) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.name = "f" + Math.random();
    document.body.append(frame);
    frame.onload = resolve;
    const made = Object.assign(document.createElement("form"), { action, method: "post", enctype, target: frame.name });
    for (const [name, value] of new URLSearchParams(createTopic))
      made.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(made);
    made.submit();
  });
  const socket = (url) => new Promise((resolve) => {
    const made = new WebSocket(url);
    made.onopen = made.onerror = made.onclose = resolve;
  });
  const headers = { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" };
  const attempts = targets.flatMap((endpoint) => [
    fetch(endpoint, { method: "POST", headers, body: text }),
    fetch(endpoint + "/?X-Amz-Target=" + target, { method: "POST", mode: "no-cors", body: text }),
    fetch(endpoint, { method: "POST", mode: "no-cors", keepalive: true, credentials: "include", body: text }),
    fetch("/redirect?to=" + endpoint, { method: "POST", mode: "no-cors", body: text }),
    fetch(endpoint + "/?" + createTopic, { mode: "no-cors" }),
    Promise.resolve(navigator.sendBeacon(endpoint, text)),
    element("img", { src: endpoint + "/?" + createTopic }),
    element("iframe", { src: endpoint + "/?" + createTopic }),
    element("script", { src: endpoint + "/" }),
    form(endpoint, "application/x-www-form-urlencoded"),
    form(endpoint, "text/plain"),
    fetch(endpoint, { method: "POST", mode: "no-cors", body: new URLSearchParams(createTopic) }),
    socket(endpoint.replace("http", "ws")),
  ]);
  await Promise.all(attempts.map(settled));
  await fetch("/done");
}`;
