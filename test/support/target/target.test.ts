import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, it, describe } from "vitest";
import { ROOT } from "../../../bin/root.ts";
import { targetFrom } from "./target.ts";
import { waitFor } from "./wait-for.ts";

describe("the target of the tests of a deployed app", () => {
  it("is the embedded cloud where the environment names none", () => {
    expect(targetFrom({})).toEqual({ name: "embedded", stage: "dev" });
  });

  it("is LocalStack at AWS_ENDPOINT_URL, or where emulators listen by default", () => {
    const environment = { FANFARE_TARGET: "localstack", AWS_ENDPOINT_URL: "http://127.0.0.1:4000" };
    expect(targetFrom(environment)).toMatchObject({ name: "localstack", endpoint: "http://127.0.0.1:4000" });
    expect(targetFrom({ FANFARE_TARGET: "localstack" })).toMatchObject({ endpoint: "http://127.0.0.1:4566" });
  });

  it("is AWS as the SDK finds it", () => {
    expect(targetFrom({ FANFARE_TARGET: "aws", FANFARE_STAGE: "dev" })).toEqual({ name: "aws", stage: "dev" });
  });

  it.each([
    [{ FANFARE_TARGET: "moon" }, 'FANFARE_TARGET is "moon": expected embedded, localstack, aws'],
    [{ FANFARE_TARGET: "aws", FANFARE_STAGE: "prod" }, /^FANFARE_STAGE is "prod": .* they take dev alone$/],
  ])("is refused in one line where it is wrong: %o", (environment, message) => {
    expect(() => targetFrom(environment)).toThrow(message);
  });
});

describe("waiting for a condition", () => {
  const patience = { longest: 20, pause: 1 };

  it("ends with what was waited for, as soon as it is there", async () => {
    let looks = 0;
    const third = waitFor(
      "the third look",
      async () => ++looks,
      (seen) => seen === 3,
      patience,
    );
    expect(await third).toBe(3);
    expect(looks).toBe(3);
  });

  it("ends in vain with what was seen last", async () => {
    const never = waitFor(
      "a miracle",
      async () => ({ status: "placed" }),
      () => false,
      patience,
    );
    await expect(never).rejects.toThrow("waited 0.02 s in vain for a miracle; seen last: { status: 'placed' }");
  });
});

describe("npm run test:aws", () => {
  it.each([
    ["no stage", [], "test:aws: which stage? Expected npm run test:aws -- --stage dev\n"],
    ["stage prod", ["--stage", "prod"], /^test:aws: FANFARE_STAGE is "prod": .* they take dev alone\n$/],
    ["an unknown option", ["--stag", "dev"], /^test:aws: Unknown option '--stag'.*\n$/],
    ["a stage that is not deployed", ["--stage", "dev"], /^test:aws: AWS cannot be reached .*\n$/],
  ])("touches nothing, and says why in one line, when it is given %s", async (_, parameters, message) => {
    // A dead port, so that no test of this machine's ever reaches an account.
    const environment = { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test" };
    const { code, stderr } = await testAws(parameters, { ...environment, AWS_SECRET_ACCESS_KEY: "test" });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  function testAws(parameters: readonly string[], environment: object): Promise<{ code: number | null; stderr: string }> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [join(ROOT, "test/support/target/run-on-aws.ts"), ...parameters],
        { cwd: ROOT, env: { ...process.env, ...environment } },
        (_, __, stderr) => resolve({ code: child.exitCode, stderr }),
      );
    });
  }
});
