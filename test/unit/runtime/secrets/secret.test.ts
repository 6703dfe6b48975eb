import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RetryLaterError, secret } from "#lib/runtime/index.ts";

beforeEach(() => {
  vi.stubEnv("API_KEY_PARAMETER", "/fanfare/dev/shop/API_KEY");
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const MINUTE = 60_000;

/** A Parameter Store with one value, which may change or be out of reach. */
function storeOf(value: string) {
  const store = { value, down: false, reads: [] as string[] };
  const get = async (name: string) => {
    store.reads.push(name);
    if (store.down) throw new Error("ThrottlingException: Rate exceeded");
    return store.value;
  };
  return { store, apiKey: secret("API_KEY", get) };
}

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

describe("a secret", () => {
  test("is read where it is first used, once for all who use it meanwhile", async () => {
    const { store, apiKey } = storeOf("k1");
    expect(store.reads).toEqual([]);
    expect(await Promise.all([apiKey.read(), apiKey.read()])).toEqual(["k1", "k1"]);
    expect(await apiKey.read()).toBe("k1");
    expect(store.reads).toEqual(["/fanfare/dev/shop/API_KEY"]);
  });

  test("that was rotated is taken up within five minutes", async () => {
    const { store, apiKey } = storeOf("k1");
    await apiKey.read();
    store.value = "k2";
    pass(5 * MINUTE - 1);
    expect(await apiKey.read()).toBe("k1");
    pass(1);
    expect(await apiKey.read()).toBe("k2");
  });

  test("that was refused is read again by the next use, though not at every refusal", async () => {
    const { store, apiKey } = storeOf("k1");
    await apiKey.read();
    pass(MINUTE);
    apiKey.refused("k1");
    store.value = "k2";
    expect(await apiKey.read()).toBe("k2");
    apiKey.refused("k2");
    store.value = "k3";
    pass(9_999);
    expect(await apiKey.read()).toBe("k2");
    pass(1);
    expect(await apiKey.read()).toBe("k3");
  });

  test("is not read again for a refusal of the value before it", async () => {
    const { store, apiKey } = storeOf("k2");
    await apiKey.read();
    apiKey.refused("k1");
    pass(MINUTE);
    await apiKey.read();
    expect(store.reads).toHaveLength(1);
  });

  test("stays in use while the Parameter Store is out of reach", async () => {
    const { store, apiKey } = storeOf("k1");
    await apiKey.read();
    store.down = true;
    pass(6 * MINUTE);
    expect(await apiKey.read()).toBe("k1");
  });

  test("that could never be read is tried again later", async () => {
    const { store, apiKey } = storeOf("k1");
    store.down = true;
    const failure = await apiKey.read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RetryLaterError);
    expect(String(failure)).toBe("RetryLaterError: the secret API_KEY is not known yet");
    store.down = false;
    expect(await apiKey.read()).toBe("k1");
  });

  test("that the service's definition does not name is refused at start", () => {
    expect(() => secret("OTHER_KEY")).toThrow("the environment variable OTHER_KEY_PARAMETER is missing");
  });
});
