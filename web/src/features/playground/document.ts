/** What the playground needs of the server's OpenAPI document. */

export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  title: string;
  description: string;
  /** Bodies to begin with, as text, without a key; empty where none is sent. */
  examples: readonly string[];
  fields: readonly FieldInfo[];
  parameters: readonly Parameter[];
  /** Whether it places, changes or cancels orders, or decides where they go. */
  trades: boolean;
}

export interface FieldInfo {
  name: string;
  kind: string;
  required: boolean;
  description: string;
}

export interface Parameter extends FieldInfo {
  place: "path" | "query";
  /** What stands there to begin with. */
  first: string;
}

export interface Group {
  tag: string;
  operations: readonly Operation[];
}

type Json = Readonly<Record<string, unknown>>;

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const TRADING = new Set(["Orders", "GTT"]);
const ONLY_LOOKING = new Set(["explain", "orderstatus", "gttorderbook", "pendingorder"]);
const ALSO_TRADING = new Set(["analyzer_toggle"]);
const KEY = "apikey";

/** All operations by tag, in the order of the document. */
export function groupsOf(document: unknown): Group[] {
  const root = recordOf(document);
  const groups = new Map<string, Operation[]>(
    listOf(root.tags).map((tag) => [String(recordOf(tag).name), []]),
  );
  for (const [path, item] of Object.entries(recordOf(root.paths))) {
    for (const method of METHODS) {
      const found = recordOf(item)[method];
      if (found === undefined) continue;
      const operation = operationOf(root, path, method, recordOf(found));
      const group = groups.get(operation.tag) ?? [];
      group.push(operation);
      groups.set(operation.tag, group);
    }
  }
  return [...groups]
    .map(([tag, operations]) => ({ tag, operations }))
    .filter(({ operations }) => operations.length > 0);
}

/** Those of which every word of `text` is told. */
export function searched(groups: readonly Group[], text: string): Group[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map(({ tag, operations }) => ({
      tag,
      operations: operations.filter(({ path, title, description }) => {
        const told = `${tag} ${path} ${title} ${description}`.toLowerCase();
        return words.every((word) => told.includes(word));
      }),
    }))
    .filter(({ operations }) => operations.length > 0);
}

function operationOf(root: Json, path: string, method: string, found: Json): Operation {
  const id = String(found.operationId ?? `${method} ${path}`);
  const tag = String(listOf(found.tags)[0] ?? "Other");
  const schema = bodyOf(root, found);
  return {
    id,
    method: method.toUpperCase(),
    path,
    tag,
    title: String(found.summary ?? path),
    description: String(found.description ?? ""),
    examples: schema === null ? [] : examplesOf(schema),
    fields: schema === null ? [] : fieldsOf(root, schema),
    parameters: listOf(found.parameters).map((each) => parameterOf(root, recordOf(each))),
    trades: ALSO_TRADING.has(id) || (TRADING.has(tag) && !ONLY_LOOKING.has(id)),
  };
}

function bodyOf(root: Json, operation: Json): Json | null {
  const content = recordOf(recordOf(operation.requestBody).content);
  const media = recordOf(content["application/json"]);
  return media.schema === undefined ? null : resolved(root, media.schema);
}

function examplesOf(schema: Json): string[] {
  const examples = listOf(schema.examples);
  return (examples.length > 0 ? examples : [{}]).map((example) => {
    const { [KEY]: _key, ...body } = recordOf(example);
    return JSON.stringify(body, null, 2);
  });
}

function fieldsOf(root: Json, schema: Json): FieldInfo[] {
  const required = new Set(listOf(schema.required));
  return Object.entries(recordOf(schema.properties))
    .filter(([name]) => name !== KEY)
    .map(([name, property]) => ({
      name,
      kind: kindOf(root, property),
      required: required.has(name),
      description: String(recordOf(property).description ?? ""),
    }));
}

function parameterOf(root: Json, parameter: Json): Parameter {
  const schema = recordOf(parameter.schema);
  const first = schema.default ?? parameter.example ?? listOf(schema.examples)[0] ?? "";
  return {
    name: String(parameter.name),
    place: parameter.in === "path" ? "path" : "query",
    required: parameter.required === true,
    kind: kindOf(root, schema),
    description: String(parameter.description ?? ""),
    first: parameter.required === true || schema.default !== undefined ? String(first) : "",
  };
}

/** `text`, `number`, `BUY or SELL`: in few words what a value is. */
function kindOf(root: Json, schema: unknown): string {
  const found = resolved(root, schema);
  const choices = listOf(found.enum);
  if (choices.length > 0) return choices.map(String).join(" or ");
  const several = listOf(found.anyOf)
    .map((each) => kindOf(root, each))
    .filter((kind) => kind !== "null");
  if (several.length > 0) return [...new Set(several)].join(" or ");
  if (found.type === "array") return `list of ${kindOf(root, found.items)}`;
  const type = String(found.format ?? found.type ?? "any");
  return type === "string" ? "text" : type;
}

function resolved(root: Json, schema: unknown): Json {
  const found = recordOf(schema);
  if (typeof found.$ref !== "string") return found;
  const steps = found.$ref.replace(/^#\//, "").split("/");
  return recordOf(steps.reduce<unknown>((at, step) => recordOf(at)[step], root));
}

function recordOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
