import { createHmac, hash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import * as v from "valibot";
import { Tracer, tracerOf } from "#lib/runtime/telemetry/tracer.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const trace = { id: TRACE, span: "00f067aa0ba902b7", parent: "b7ad6b7169203331" };
const done = { outcome: "done", trace, event: { id: "1", type: "tool.wanted.v1" }, attempt: 1, milliseconds: 20 };

beforeEach(() => {
  for (const [name, value] of Object.entries({
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
  }))
    vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

describe("the spans of an invocation", () => {
  test("are sent when it ends, in one signed call, as OTLP has them", async () => {
    const { requests, endpoint } = await collector();
    const tracer = new Tracer(endpoint, "fanfare-prod-workshop");
    tracer.observe(done);
    tracer.observe({ message: "of nothing" });
    await tracer.flush(10_000);
    await tracer.flush(10_000);

    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      path: "/v1/traces",
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-west-1\/xray\/aws4_request, /),
      body: {
        resourceSpans: [
          {
            resource: { attributes: expect.arrayContaining([attribute("service.name", "fanfare-prod-workshop")]) },
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: TRACE,
                    spanId: trace.span,
                    parentSpanId: trace.parent,
                    name: "process tool.wanted.v1",
                    kind: 5,
                    attributes: expect.arrayContaining([attribute("cloudevents.event_id", "1")]),
                  },
                ],
              },
            ],
          },
        ],
      },
    });
  });

  test("are signed so that AWS can verify it, over the body and the host that they are sent to", async () => {
    const { requests, endpoint } = await collector();
    const tracer = new Tracer(endpoint, "workshop");
    tracer.observe(done);
    await tracer.flush(10_000);

    const [request] = requests;
    expect(request?.headers.host).toBe(endpoint.host);
    expect(request?.authorization).toContain(`Signature=${signatureOf(request!, "key")}`);
  });

  test("last as long as the handling did", async () => {
    const [span] = await spansOf([done]);
    const lasted = BigInt(String(span?.["endTimeUnixNano"])) - BigInt(String(span?.["startTimeUnixNano"]));
    expect(lasted).toBe(20_000_000n);
  });

  test("of an attempt that failed are errors under an id of its own, so that the one that takes effect has its parent's", async () => {
    const failed = { ...done, outcome: "retry", error: new TypeError("Jane has no tool") };
    const spans = await spansOf([failed, { ...done, outcome: "duplicate" }, done]);

    expect(spans.map(({ status }) => status)).toEqual([{ code: 2, message: "TypeError" }, undefined, undefined]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
    expect(spans[2]).toMatchObject({ spanId: trace.span });
    expect(new Set(spans.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([trace.parent]));
  });

  test("of a trace that is not sampled are not sent", async () => {
    expect(await spansOf([{ ...done, trace: { ...trace, sampled: false } }])).toEqual([]);
  });
});

test("an endpoint that does not answer costs an invocation half of what it has left, and no more than half a second", async () => {
  const { endpoint } = await collector(() => {});
  const tracer = new Tracer(endpoint, "workshop");
  tracer.observe(done);
  const started = performance.now();
  await tracer.flush(100);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a function is traced where its stack says so, and not on the laptop", () => {
  const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "https://xray.eu-west-1.amazonaws.com/v1/traces";
  expect(tracerOf("workshop", {})).toBeUndefined();
  expect(tracerOf("workshop", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT })).toBeInstanceOf(Tracer);
  const onTheLaptop = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };
  expect(tracerOf("workshop", onTheLaptop)).toBeUndefined();
});

function attribute(key: string, stringValue: string) {
  return { key, value: { stringValue } };
}

const exported = v.object({
  resourceSpans: v.array(v.object({ scopeSpans: v.array(v.object({ spans: v.array(v.record(v.string(), v.unknown())) })) })),
});

/** The spans that lines of the log lead to. */
async function spansOf(lines: readonly Record<string, unknown>[]): Promise<Record<string, unknown>[]> {
  const { requests, endpoint } = await collector();
  const tracer = new Tracer(endpoint, "workshop");
  for (const line of lines) tracer.observe(line);
  await tracer.flush(10_000);
  return requests.flatMap(({ body }) =>
    v.parse(exported, body).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

/** The signature that AWS expects of a request. IAM/latest/UserGuide/reference_sigv-create-signed-request */
function signatureOf({ path, headers, authorization = "", text }: Received, secret: string): string {
  const [, scope = "", names = ""] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(authorization) ?? [];
  const signed = names.split(";").map((name) => `${name}:${String(headers[name])}\n`);
  const canonical = ["POST", path, "", signed.join(""), names, hash("sha256", text)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash("sha256", canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** Something that takes spans as X-Ray does. */
async function collector(answer = (response: ServerResponse) => void response.end("{}")) {
  const requests: Received[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url: path, headers } = request;
    const text = await textOf(request);
    requests.push({ path, headers, text, authorization: headers.authorization, body: JSON.parse(text) });
    answer(response);
  };
  const server = createServer((request, response) => void receive(request, response));
  onTestFinished(() => server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { requests, endpoint: new URL(`http://127.0.0.1:${port}/v1/traces`) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}
