// What the declarations of a package say: functions, classes, and the records and enums that they use.
import ts from "typescript";

const WORDS = new Map([
  [ts.SyntaxKind.StringKeyword, "string"],
  [ts.SyntaxKind.NumberKeyword, "number"],
  [ts.SyntaxKind.BigIntKeyword, "number"],
  [ts.SyntaxKind.BooleanKeyword, "boolean"],
  [ts.SyntaxKind.UnknownKeyword, "json"],
  [ts.SyntaxKind.AnyKeyword, "json"],
  [ts.SyntaxKind.ObjectKeyword, "json"],
  [ts.SyntaxKind.VoidKeyword, "nothing"],
  [ts.SyntaxKind.NeverKeyword, "nothing"],
  [ts.SyntaxKind.UndefinedKeyword, "null"],
]);
const BUILT_IN = {
  Date: "date",
  URL: "url",
  Uint8Array: "bytes",
  ArrayBuffer: "bytes",
  ReadableStream: "stream",
};

/** The declarations of modules, read with one type checker. */
export class Declarations {
  constructor(files) {
    const options = {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      strict: true,
      noEmit: true,
    };
    options.moduleResolution = ts.ModuleResolutionKind.Bundler;
    options.types = [];
    this.program = ts.createProgram(files, options);
    this.checker = this.program.getTypeChecker();
    this.named = {};
  }

  /** The functions and classes that a module declares, exported or not. */
  module(path) {
    const source = this.program.getSourceFile(path);
    const functions = {};
    const classes = {};
    for (const statement of source.statements) {
      if (ts.isFunctionDeclaration(statement)) add(functions, statement.name.text, this.signature(statement));
      if (ts.isClassDeclaration(statement)) classes[statement.name.text] = this.class(statement);
    }
    return { functions, classes };
  }

  class(node) {
    const methods = {};
    for (const member of node.members) {
      if (ts.isMethodDeclaration(member) || ts.isGetAccessorDeclaration(member))
        add(methods, member.name.getText(), this.signature(member));
      if (ts.isConstructorDeclaration(member)) add(methods, "constructor_", this.signature(member));
    }
    const bases = (node.heritageClauses ?? []).flatMap((each) =>
      each.types.map((type) => type.expression.getText()),
    );
    return { bases, methods, ...this.documentation(node) };
  }

  signature(node) {
    const parameters = node.parameters.map((each) => ({
      name: each.name.getText(),
      type: each.type ? this.tree(each.type) : "json",
      optional: !!each.questionToken || !!each.initializer,
      ...(each.dotDotDotToken ? { rest: true } : {}),
    }));
    return { parameters, result: node.type ? this.tree(node.type) : "nothing", ...this.documentation(node) };
  }

  documentation(node) {
    const parts = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    const last = parts.at(-1);
    if (!last) return { doc: "" };
    const found = { doc: text(last.comment), parameterDocs: {} };
    for (const tag of last.tags ?? []) {
      if (ts.isJSDocParameterTag(tag)) found.parameterDocs[tag.name.getText()] = text(tag.comment);
      else if (ts.isJSDocReturnTag(tag)) found.returns = text(tag.comment);
      else if (ts.isJSDocDeprecatedTag(tag)) found.deprecated = text(tag.comment);
    }
    return found;
  }

  /** A type as plain data. Named ones are kept by name, and what they are in `named`. */
  tree(node) {
    const word = WORDS.get(node.kind);
    if (word) return word;
    if (ts.isParenthesizedTypeNode(node) || ts.isTypeOperatorNode(node)) return this.tree(node.type);
    if (ts.isLiteralTypeNode(node)) {
      if (node.literal.kind === ts.SyntaxKind.NullKeyword) return "null";
      if (node.literal.kind === ts.SyntaxKind.TrueKeyword) return { literal: true };
      if (node.literal.kind === ts.SyntaxKind.FalseKeyword) return { literal: false };
      return { literal: ts.isNumericLiteral(node.literal) ? Number(node.literal.text) : node.literal.text };
    }
    if (ts.isUnionTypeNode(node)) return union(node.types.map((each) => this.tree(each)));
    if (ts.isArrayTypeNode(node)) return { list: this.tree(node.elementType) };
    if (ts.isTupleTypeNode(node)) return { tuple: node.elements.map((each) => this.tree(each.type ?? each)) };
    if (ts.isFunctionTypeNode(node)) return { function: node.parameters.map((each) => this.tree(each.type)) };
    if (ts.isTypeLiteralNode(node)) return { record: this.members(node) };
    if (ts.isIntersectionTypeNode(node)) return { all: node.types.map((each) => this.tree(each)) };
    if (ts.isTypeReferenceNode(node)) return this.reference(node);
    return { other: node.getText() };
  }

  /** What a name in a type or in an `extends` stands for. */
  reference(node, place = node.typeName) {
    const name = place.getText();
    const parameters = (node.typeArguments ?? []).map((each) => this.tree(each));
    if (name === "Promise") return parameters[0];
    if (name === "Array" || name === "ReadonlyArray") return { list: parameters[0] };
    if (name === "Record" || name === "Map") return { map: parameters[1] };
    if (name === "Partial") return parameters[0];
    if (name in BUILT_IN) return BUILT_IN[name];
    let symbol = this.checker.getSymbolAtLocation(place);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = this.checker.getAliasedSymbol(symbol);
    const declaration = symbol?.declarations?.[0];
    if (!declaration) return { other: node.getText() };
    if (ts.isTypeParameterDeclaration(declaration)) {
      return declaration.constraint ? this.tree(declaration.constraint) : "json";
    }
    if (name === "Channel") return { channel: parameters[0] ?? "json" };
    const key = `${packageOf(declaration.getSourceFile().fileName)}#${symbol.name}`;
    if (!(key in this.named)) {
      this.named[key] = {}; // a type may contain itself
      this.named[key] = { ...this.named_(declaration, symbol), ...this.documentation(declaration) };
    }
    return parameters.length ? { named: key, of: parameters } : { named: key };
  }

  named_(declaration, symbol) {
    if (ts.isEnumDeclaration(declaration)) {
      const members = declaration.members.map((each) => ({
        name: each.name.getText(),
        value: this.checker.getConstantValue(each),
        ...this.documentation(each),
      }));
      return { enum: members };
    }
    if (ts.isInterfaceDeclaration(declaration)) {
      const bases = (declaration.heritageClauses ?? []).flatMap((each) => each.types);
      const members = symbol.declarations
        .filter(ts.isInterfaceDeclaration)
        .flatMap((each) => this.members(each));
      return { record: members, bases: bases.map((each) => this.reference(each, each.expression)) };
    }
    if (ts.isTypeAliasDeclaration(declaration)) return { alias: this.tree(declaration.type) };
    if (ts.isClassDeclaration(declaration)) return { class: symbol.name };
    return { other: declaration.getText() };
  }

  members(node) {
    return node.members
      .filter((each) => ts.isPropertySignature(each))
      .map((each) => ({
        name: each.name.getText().replaceAll('"', "").replaceAll("'", ""),
        type: this.tree(each.type),
        optional: !!each.questionToken,
        ...this.documentation(each),
      }));
  }
}

/** A function may have several signatures. */
function add(table, name, signature) {
  table[name] = [...(table[name] ?? []), signature];
}

function union(trees) {
  const flat = trees.flatMap((each) => each.union ?? [each]);
  const seen = new Map(flat.map((each) => [JSON.stringify(each), each]));
  return seen.size === 1 ? flat[0] : { union: [...seen.values()] };
}

function text(comment) {
  return (ts.getTextOfJSDocComment(comment) ?? "").trim();
}

function packageOf(path) {
  const match = path.match(/node_modules\/(@tauri-apps\/[\w-]+)\/(?:dist-js\/)?(.*)\.d\.ts$/);
  return match ? `${match[1]}/${match[2]}` : path;
}
