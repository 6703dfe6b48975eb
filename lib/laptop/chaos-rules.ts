/** The rules of chaos in words, for those who only talk to a laptop cloud: the door (index.ts) loads all of it. */
export { describeRule, FAULTS } from "./chaos/rule.ts";
