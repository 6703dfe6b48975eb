import { describe, expect, it } from "vitest";
import { chooseTarget, explainFailure, placeOf } from "#lib/ops/target.ts";

describe("the target of a command", () => {
  it("is the laptop cloud on port 4566 when nothing is said", () => {
    expect(chooseTarget({}, {})).toMatchObject({
      stage: "dev",
      local: "http://127.0.0.1:4566",
      clients: { endpoint: "http://127.0.0.1:4566", region: "us-east-1", credentials: {} },
    });
  });

  it("is the laptop cloud at another port or address, the options before the environment", () => {
    const environment = { AWS_ENDPOINT_URL: "http://127.0.0.1:5000/" };

    expect(chooseTarget({}, environment).local).toBe("http://127.0.0.1:5000");
    expect(chooseTarget({ port: 6000 }, environment).local).toBe("http://127.0.0.1:6000");
    expect(chooseTarget({ endpoint: "http://localhost:7000" }, environment).local).toBe("http://localhost:7000");
  });

  it("is AWS with the environment's own region and credentials when a stage is named", () => {
    const { clients, ...target } = chooseTarget({ stage: "prod" }, { AWS_REGION: "eu-west-1" });

    expect(target).toEqual({ stage: "prod", place: "AWS, eu-west-1" });
    expect(clients).not.toHaveProperty("region");
    expect(clients).not.toHaveProperty("credentials");
  });

  it("is asked again more patiently than the SDK does by default, unless the environment says how often", () => {
    expect(chooseTarget({ stage: "prod" }, {}).clients.maxAttempts).toBeGreaterThan(3);
    expect(chooseTarget({ stage: "prod" }, { AWS_MAX_ATTEMPTS: "2" }).clients.maxAttempts).toBe(2);
  });

  it("says so when a stage's calls go elsewhere than to AWS", () => {
    expect(chooseTarget({ stage: "dev" }, { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }).place).toContain("AWS_ENDPOINT_URL");
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [{ AWS_DEFAULT_REGION: "us-east-1" }, "AWS"], // which the SDK for JavaScript does not read
    [
      { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_SQS: "http://localhost:4566" },
      "http://localhost:4566 (AWS_ENDPOINT_URL_SQS)",
    ],
    [{ AWS_ENDPOINT_URL: "http://localhost:4566", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }, "AWS"],
  ])("is at the place that the SDK will call, given %j", (environment, place) => {
    expect(chooseTarget({ stage: "prod" }, environment).place).toBe(place);
  });

  it("is asked for its region of the client that calls it", async () => {
    const client = { config: { region: () => Promise.resolve("eu-central-1") } };

    expect(await placeOf(chooseTarget({ stage: "prod" }, {}), client, "123456789012")).toMatch(
      /^AWS, eu-central-1, account 123456789012/,
    );
    expect(await placeOf(chooseTarget({}, {}), client)).toBe("http://127.0.0.1:4566");
  });

  it.each([
    [{ stage: "dev", port: 1 }, "--stage means AWS"],
    [{ port: 1, endpoint: "http://127.0.0.1:1" }, "--port and --endpoint are both given"],
    [{ endpoint: "127.0.0.1:4566" }, "is not an address like http://127.0.0.1:4566"],
  ])("is refused for %j", (options, message) => {
    expect(() => chooseTarget(options, {})).toThrow(message);
  });
});

describe("a failed call", () => {
  const laptop = chooseTarget({}, {});
  const aws = chooseTarget({ stage: "prod" }, {});
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const named = (name: string, message = "no") => Object.assign(new Error(message), { name });

  it("says how to start the laptop cloud when none answers, however deep the reason lies", () => {
    const message = "no laptop cloud answers at http://127.0.0.1:4566: start it with `npm start`";

    expect(explainFailure(refused, laptop)).toMatchObject({ message });
    expect(explainFailure(new TypeError("fetch failed", { cause: refused }), laptop)).toMatchObject({ message });
    expect(explainFailure(new AggregateError([refused], "all"), laptop)).toMatchObject({ message });
  });

  it.each([
    [refused, "AWS cannot be reached"],
    [named("CredentialsProviderError"), "no AWS credentials"],
    [named("ExpiredTokenException"), "log in again"],
    [named("Error", "Region is missing"), "AWS_REGION"],
    [named("AccessDeniedException", "not authorized to perform sns:ListTopics"), "AWS refused it: not authorized"],
  ])("says what to do about %s", (error, message) => {
    expect(explainFailure(error, aws)).toMatchObject({ message: expect.stringContaining(message) });
  });

  it("is handed on as it is when it is none of these", () => {
    const bug = new TypeError("x is not a function");

    expect(explainFailure(bug, laptop)).toBe(bug);
  });
});
