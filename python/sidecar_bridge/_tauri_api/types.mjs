// What the declarations of the package say: types as plain data, and the signatures of functions and methods.
import { declared, ts } from "./compiler.mjs";

const options = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, strict: true, noEmit: true };
options.moduleResolution = ts.ModuleResolutionKind.Bundler;
options.types = [];
options.skipLibCheck = true;
const program = ts.createProgram(declared, options);
const checker = program.getTypeChecker();
/** The types that others name. */
export const named = {};

const BYTES = ["Uint8Array", "ArrayBuffer", "Buffer", "Uint8ClampedArray"];

/** A type as plain data; `where` names a record that has no name of its own. */
function tree(type, where) {
  const flags = type.flags;
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) return "json";
  if (flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return "nothing";
  if (flags & ts.TypeFlags.Null) return "null";
  if (flags & ts.TypeFlags.Boolean) return "boolean";
  if (flags & ts.TypeFlags.EnumLike) return enumeration(type);
  if (flags & ts.TypeFlags.BooleanLiteral) return { literal: [type.intrinsicName === "true"] };
  if (flags & (ts.TypeFlags.StringLiteral | ts.TypeFlags.NumberLiteral)) return { literal: [type.value] };
  if (flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) return "string";
  if (flags & (ts.TypeFlags.Number | ts.TypeFlags.BigInt)) return "number";
  if (flags & ts.TypeFlags.TypeParameter) {
    const limit = checker.getBaseConstraintOfType(type);
    return limit && limit !== type ? tree(limit, where) : "json";
  }
  if (type.isUnion()) return union(type, where);
  if (checker.isArrayType(type)) return { list: tree(checker.getTypeArguments(type)[0], `${where}Item`) };
  if (checker.isTupleType(type)) {
    const parts = checker.getTypeArguments(type).map((each, number) => tree(each, `${where}${number + 1}`));
    return { tuple: parts };
  }
  const name = type.symbol?.name;
  if (BYTES.includes(name)) return "bytes";
  if (name === "Channel")
    return { channel: tree(checker.getTypeArguments(type)[0] ?? checker.getAnyType(), where) };
  if (name === "Map") return { map: tree(checker.getTypeArguments(type)[1], `${where}Value`) };
  const isClass = type.symbol && type.symbol.flags & ts.SymbolFlags.Class;
  if (isClass || name === "Date" || type.getCallSignatures().length)
    return { unclear: checker.typeToString(type) };
  const index = checker.getIndexInfosOfType(type)[0];
  if (index && !type.getProperties().length) return { map: tree(index.type, `${where}Value`) };
  if (index || !(flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)))
    return { unclear: checker.typeToString(type) };
  if (!type.getProperties().length) return "json";
  return record(type, where);
}

function nameOf(type, where) {
  const symbol = type.aliasSymbol ?? type.symbol;
  const own = symbol && !symbol.name.startsWith("__") ? symbol.name : where;
  const given = type.aliasSymbol ? type.aliasTypeArguments : (type.typeArguments ?? []);
  const parts = (given ?? []).map(
    (each) => (each.aliasSymbol ?? each.symbol)?.name ?? checker.typeToString(each),
  );
  const words = [own, ...parts].join(" ").replace(/[^\p{L}\p{N}]+/gu, " ");
  return words.replace(/(?:^| )(.)/g, (_, letter) => letter.toUpperCase());
}

const taken = new Map();

/** Keeps a named type once, under a name that no other one has. */
function keep(type, where, make) {
  if (taken.has(type)) return { named: taken.get(type) };
  let name = nameOf(type, where);
  while (name in named) name += "_";
  taken.set(type, name);
  named[name] = {}; // a type may contain itself
  const symbol = type.aliasSymbol ?? type.symbol;
  named[name] = { ...make(name), doc: words(symbol?.getDocumentationComment(checker)) };
  return { named: name };
}

function record(type, where) {
  return keep(type, where, (name) => ({
    record: type.getProperties().map((each) => {
      const place = each.valueDeclaration ?? each.declarations?.[0];
      const optional = !!(each.flags & ts.SymbolFlags.Optional);
      const own = place ? checker.getTypeOfSymbolAtLocation(each, place) : checker.getTypeOfSymbol(each);
      const inner = tree(optional ? checker.getNonNullableType(own) : own, name + upper(each.name));
      return { name: each.name, type: inner, optional, doc: words(each.getDocumentationComment(checker)) };
    }),
  }));
}

function enumeration(type) {
  const symbol = type.flags & ts.TypeFlags.EnumLiteral && !type.isUnion() ? parentOf(type) : type.symbol;
  const values = symbol.declarations.flatMap((each) =>
    each.members.map((one) => checker.getConstantValue(one)),
  );
  const names = symbol.declarations.flatMap((each) => each.members.map((one) => one.name.getText()));
  const isPlain = values.every((each, number) => each === names[number]);
  const found = keep(type, symbol.name, () => ({ literal: values }));
  if (!isPlain) named[found.named].names = names;
  return found;
}

function parentOf(type) {
  const place = type.symbol.declarations[0];
  return ts.isEnumMember(place) ? checker.getSymbolAtLocation(place.parent.name) : type.symbol;
}

function union(type, where) {
  const parts = type.types.filter((each) => !(each.flags & ts.TypeFlags.Undefined));
  // What is long is easier to read under a name.
  const isNamed = parts.length > (type.aliasSymbol ? 1 : 4);
  const make = () => {
    const flat = [];
    const literals = [];
    for (const [number, each] of parts.entries()) {
      const found = tree(each, `${where}${number + 1}`);
      if (found.literal) literals.push(...found.literal);
      else if (!flat.some((other) => JSON.stringify(other) === JSON.stringify(found))) flat.push(found);
    }
    const isBoolean = literals.includes(true) && literals.includes(false);
    const rest = isBoolean ? literals.filter((each) => typeof each !== "boolean") : literals;
    if (isBoolean) flat.unshift("boolean");
    if (rest.length && !flat.includes("string")) flat.unshift({ literal: rest });
    return flat.length === 1 ? flat[0] : { union: flat };
  };
  if (!isNamed) return make();
  return keep(type, where, () => {
    const found = make();
    return typeof found === "object" && found.literal ? found : { alias: found };
  });
}

function upper(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function words(parts) {
  return ts.displayPartsToString(parts ?? []).trim();
}

/** Each function that is exported: its symbol and its type. */
export const functions = new Map();
const classes = new Map();
for (const path of declared) {
  const source = program.getSourceFile(path);
  const module = checker.getSymbolAtLocation(source);
  for (let each of module ? checker.getExportsOfModule(module) : []) {
    const exported = each.name;
    if (each.flags & ts.SymbolFlags.Alias) each = checker.getAliasedSymbol(each);
    const place = each.valueDeclaration;
    if (!place) continue;
    const type = checker.getTypeOfSymbolAtLocation(each, place);
    if (each.flags & ts.SymbolFlags.Class)
      classes.set(each.name, { type, instance: checker.getDeclaredTypeOfSymbol(each) });
    else if (type.getCallSignatures().length)
      for (const name of [exported, each.name]) functions.set(name, [each, type]);
  }
}

/** The signature of a function, or of a method of a class. */
export function signatureOf(owner) {
  let found = functions.get(owner.function);
  if (owner.class) {
    const known = classes.get(owner.class);
    const symbol =
      known && (known.instance.getProperty(owner.function) ?? known.type.getProperty(owner.function));
    found = symbol?.valueDeclaration && [
      symbol,
      checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration),
    ];
  }
  if (!found) return;
  const [symbol, type] = found;
  const signatures = type.getCallSignatures();
  const signature = signatures.at(-1);
  const docs = Object.fromEntries(
    signature
      .getJsDocTags()
      .filter((tag) => tag.name === "param")
      .map((tag) => paramOf(words(tag.text))),
  );
  const name = upper(owner.function);
  const parameters = signature.getParameters().map((each, number) => {
    const place = each.valueDeclaration;
    const optional = !!place.questionToken || !!place.initializer;
    const own = checker.getTypeOfSymbolAtLocation(each, place);
    const simple = ts.isIdentifier(place.name) ? each.name : "options";
    const inner = tree(optional ? withoutUndefined(own) : own, name + upper(simple));
    return {
      name: simple,
      number,
      type: inner,
      optional,
      rest: !!place.dotDotDotToken,
      doc: docs[each.name] ?? "",
    };
  });
  const result = checker.getAwaitedType(signature.getReturnType()) ?? signature.getReturnType();
  return {
    parameters,
    result: signatures.length > 1 ? { unclear: "it has several signatures" } : tree(result, `${name}Result`),
    doc: words(signature.getDocumentationComment(checker)) || words(symbol.getDocumentationComment(checker)),
  };
}

function withoutUndefined(type) {
  return checker.getNonNullableType(type) === type || !type.isUnion() ? type : nonUndefined(type);
}

function nonUndefined(type) {
  const isNull = type.types.some((each) => each.flags & ts.TypeFlags.Null);
  return isNull ? type : checker.getNonNullableType(type);
}

function paramOf(text) {
  const [, name, rest] = text.match(/^\[?([\w$.]+)\]?(?:=\S+)?\s*-?\s*([\s\S]*)$/) ?? [undefined, "", ""];
  return [name, rest.replace(/\s+/g, " ")];
}
