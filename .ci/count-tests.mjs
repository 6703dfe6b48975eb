// Prints how many tests passed and failed, as two numbers, out of vitest's JSON report.
// Usage: node .ci/count-tests.mjs <report> <vitest's exit status>
import { existsSync, readFileSync } from "node:fs";

const [report, status] = process.argv.slice(2);
const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = existsSync(report)
  ? JSON.parse(readFileSync(report, "utf8"))
  : {};
// A file that does not load, or an error outside any test, fails the run without failing a test.
const brokeOff = status !== "0" && failed === 0;
console.log(`${passed} ${brokeOff ? 1 : failed}`);
