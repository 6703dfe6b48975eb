export { type DeadLetter, TestCloud, type TestCloudOptions } from "./harness.ts";
