import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { defineEntity, defineService, upcastFrom } from "#lib/contracts/index.ts";

const schema = v.object({ id: v.string(), to: v.string() });
const parcel = defineEntity({ name: "parcel", schema, id: ({ id }) => id });
const owning = { consumes: [], publishes: [] };

describe("an entity is refused where it is defined", () => {
  it.each(["inbox", "effect", "handling"])("under the name %s, which the runtime uses in the same table", (name) => {
    expect(() => defineEntity({ ...parcel, name })).toThrow(`entity name "${name}": the runtime keeps its own items under it`);
  });

  it.each(["Parcel", "parcel#1", "", "my parcel"])("under the name %j", (name) => {
    expect(() => defineEntity({ ...parcel, name })).toThrow(/lower-case letters, digits and dashes/);
  });

  it.each(["pk", "sk", "version", "expiresAt", "inbox", "schemaVersion", "index#byCustomer#pk"])(
    "with an attribute %s, which the runtime keeps for itself",
    (taken) => {
      const entries = { id: v.string(), [taken]: v.optional(v.string()) };
      for (const schema of [v.object(entries), v.looseObject(entries), v.strictObject(entries)]) {
        expect(() => defineEntity({ name: "parcel", schema, id: () => "" })).toThrow(
          `entity parcel: its schema has an attribute "${taken}", which the runtime keeps for itself`,
        );
      }
    },
  );

  it("with such an attribute in one member of a union", () => {
    const members = v.union([schema, v.pipe(v.object({ version: v.number() }), v.readonly())]);
    expect(() => defineEntity({ name: "parcel", schema: members, id: () => "" })).toThrow(/attribute "version"/);
  });

  it.each(["by", "by customer", "ByCustomer", "by-customer"])("with an index named %j", (name) => {
    const indexes = { [name]: { partition: () => "" } };
    expect(() => defineEntity({ ...parcel, indexes })).toThrow(/expected 3 to 100 letters and digits, like byCustomer/);
  });

  it.each([0, -1, 1.5, Number.NaN])("with the version %d", (version) => {
    expect(() => defineEntity({ ...parcel, version })).toThrow(/expected 1, 2, 3/);
  });

  it("with an upcast from the same version, from another entity, or with two from one version", () => {
    const upcast = upcastFrom(parcel, (data) => data);
    expect(() => defineEntity({ ...parcel, upcasts: [upcast] })).toThrow(/version 1 of parcel: it is not an older version/);
    expect(() => defineEntity({ ...parcel, name: "letter", version: 2, upcasts: [upcast] })).toThrow(/it is another entity/);
    expect(() => defineEntity({ ...parcel, version: 2, upcasts: [upcast, upcast] })).toThrow(
      "entity parcel: it upcasts version 1 in two ways: expected one",
    );
    const second = defineEntity({ ...parcel, version: 2, upcasts: [upcast] });
    const both = [upcastFrom(second, (data) => data), upcast];
    expect(() => defineEntity({ ...parcel, version: 3, upcasts: both })).toThrow(/it upcasts version 1 in two ways/);
  });
});

describe("a service is refused where it is defined", () => {
  it("when two of its entities have one name, and so the same items", () => {
    const twin = defineEntity({ name: "parcel", schema: v.object({ no: v.number() }), id: ({ no }) => String(no) });
    expect(() => defineService("post", "", { ...owning, owns: [parcel, twin] })).toThrow(
      'service post: it owns two entities of the name "parcel"',
    );
  });

  it("when it queries an entity that is not its own", () => {
    expect(() => defineService("post", "", { ...owning, owns: [], queries: [parcel] })).toThrow(
      "service post: it queries parcel, which it does not own: add it to owns",
    );
  });

  it("when its entities declare more indexes than a table has, each name counted once", () => {
    const indexed = (name: string, count: number) =>
      defineEntity({
        ...parcel,
        name,
        indexes: Object.fromEntries(Array.from({ length: count }, (_, index) => [`by${index}`, { partition: () => "" }])),
      });
    expect(() => defineService("post", "", { ...owning, owns: [indexed("parcel", 21)] })).toThrow(
      /21 indexes; a table has at most 20/,
    );
    expect(defineService("post", "", { ...owning, owns: [indexed("parcel", 20), indexed("letter", 20)] }).name).toBe("post");
  });
});
