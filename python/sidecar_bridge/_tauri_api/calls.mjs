// Which commands the JavaScript of the package calls, and what it puts into each argument.
import { readFileSync } from "node:fs";
import { ts } from "./compiler.mjs";
import { signatureOf } from "./types.mjs";

/** The calls of a file, each with the function that makes it. */
export function callsOf(path) {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, "utf8"),
    ts.ScriptTarget.ESNext,
    true,
    ts.ScriptKind.JS,
  );
  const found = [];
  const constants = constantsOf(source);
  const invokers = new Set(["invoke"]);
  for (const each of source.statements.filter(ts.isImportDeclaration))
    for (const one of each.importClause?.namedBindings?.elements ?? [])
      if (one.propertyName?.text === "invoke") invokers.add(one.name.text);
  const visit = (node, owner) => {
    owner = ownerOf(node, owner);
    if (ts.isCallExpression(node)) {
      const call = callOf(node, owner, constants, invokers);
      if (call) found.push(call);
    }
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  visit(source, {});
  return found;
}

function ownerOf(node, owner) {
  if (ts.isClassDeclaration(node) && node.name) return { class: node.name.text };
  const isNamed = (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name;
  if (isNamed) return { class: owner.class, function: node.name.getText(), node };
  const isArrow = ts.isArrowFunction(node) || ts.isFunctionExpression(node);
  if (
    isArrow &&
    !owner.function &&
    ts.isVariableDeclaration(node.parent) &&
    ts.isIdentifier(node.parent.name)
  )
    return { function: node.parent.name.text, node };
  return owner;
}

/** Strings that a module names: `const A = "…"`, members of `const B = { A: "…" }`, and what makes some of others. */
function constantsOf(source) {
  const found = new Map();
  const visit = (node) => {
    const made = makerOf(node);
    if (made) found.set(made.name, made);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      const text = textOf(node.initializer, found);
      if (text !== undefined) found.set(node.name.text, text);
      if (ts.isObjectLiteralExpression(node.initializer))
        for (const each of node.initializer.properties.filter(ts.isPropertyAssignment)) {
          const inner = textOf(each.initializer, found);
          if (inner !== undefined)
            found.set(`${node.name.text}.${each.name.getText().replace(/["']/g, "")}`, inner);
        }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A function of one parameter that does nothing but to give an expression: `const command = (name) => `plugin:x|${name}``. */
function makerOf(node) {
  const made = ts.isVariableDeclaration(node) ? node.initializer : node;
  const name = node.name && ts.isIdentifier(node.name) ? node.name.text : undefined;
  if (!name || !made || !(ts.isArrowFunction(made) || ts.isFunctionDeclaration(made))) return;
  const [parameter, ...more] = made.parameters;
  const last = made.body && ts.isBlock(made.body) ? made.body.statements.at(-1) : undefined;
  const only =
    last && made.body.statements.length === 1 && ts.isReturnStatement(last) ? last.expression : undefined;
  const body = made.body && !ts.isBlock(made.body) ? made.body : only;
  if (parameter && !more.length && body) return { name, parameter: parameter.name.getText(), body };
}

function textOf(node, constants) {
  if (ts.isCallExpression(node) && node.arguments.length === 1) {
    const made = constants.get(node.expression.getText());
    const given = made?.body && textOf(node.arguments[0], constants);
    return given === undefined
      ? undefined
      : textOf(made.body, new Map([...constants, [made.parameter, given]]));
  }
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) {
    const text = constants.get(node.getText());
    return typeof text === "string" ? text : undefined;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left, constants), textOf(node.right, constants)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map((each) => [textOf(each.expression, constants), each.literal.text]);
    if (parts.some(([text]) => text === undefined)) return;
    return node.head.text + parts.flat().join("");
  }
}

function callOf(node, owner, constants, invokers) {
  const callee = node.expression.getText();
  const last = callee.split(".").at(-1);
  const [first, args, options] = node.arguments;
  if (last === "addPluginListener" && node.arguments.length > 2) {
    const [plugin, event] = [first, args].map((each) => textOf(each, constants));
    if (!plugin || !event) return;
    const sent = { event: { constant: event }, handler: { channel: true } };
    return {
      command: `plugin:${plugin}|register_listener`,
      ...said(owner),
      args: { object: sent },
      answer: "dropped",
    };
  }
  if (!invokers.has(last) || !first) return;
  const command = textOf(first, constants);
  if (command === undefined) return { command: null, why: short(first), ...said(owner) };
  const call = { command, ...said(owner), answer: answerOf(node) };
  if (args) call.args = madeOf(args, owner, constants);
  if (options) call.headers = true;
  return call;
}

function said(owner) {
  const signature = owner.function ? signatureOf(owner) : undefined;
  return { class: owner.class, function: owner.function, signature };
}

/** Whether the caller gets the command's own answer: `returned`, `dropped`, or `changed` on the way. */
function answerOf(node) {
  let above = node.parent;
  while (ts.isAwaitExpression(above) || ts.isParenthesizedExpression(above)) above = above.parent;
  if (ts.isReturnStatement(above) || ts.isArrowFunction(above)) return "returned";
  return ts.isExpressionStatement(above) ? "dropped" : "changed";
}

function short(node) {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What an argument is made of. */
function madeOf(node, owner, constants) {
  while (ts.isParenthesizedExpression(node)) node = node.expression;
  if (ts.isObjectLiteralExpression(node)) return objectOf(node, owner, constants);
  if (ts.isStringLiteralLike(node)) return { constant: node.text };
  if (ts.isNumericLiteral(node)) return { constant: Number(node.text) };
  if (node.kind === ts.SyntaxKind.TrueKeyword) return { constant: true };
  if (node.kind === ts.SyntaxKind.FalseKeyword) return { constant: false };
  if (node.kind === ts.SyntaxKind.NullKeyword) return { constant: null };
  if (ts.isArrayLiteralExpression(node) && !node.elements.length) return { constant: [] };
  if (ts.isIdentifier(node)) return identifierOf(node, owner, constants);
  if (ts.isPropertyAccessExpression(node)) {
    if (node.expression.kind === ts.SyntaxKind.ThisKeyword) return { self: node.name.text };
    const owned = ts.isIdentifier(node.expression) && identifierOf(node.expression, owner, constants);
    if (owned && "parameter" in owned && !("member" in owned)) return { ...owned, member: node.name.text };
    const text = textOf(node, constants);
    if (text !== undefined) return { constant: text };
  }
  const isDefault =
    ts.isBinaryExpression(node) &&
    [ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.BarBarToken].includes(node.operatorToken.kind);
  if (isDefault) {
    const [left, right] = [node.left, node.right].map((each) => madeOf(each, owner, constants));
    const isPlain = "constant" in right || (right.object && !Object.keys(right.object).length);
    if ("parameter" in left && isPlain)
      return { ...left, otherwise: "constant" in right ? right.constant : {} };
  }
  return { unclear: short(node) };
}

function objectOf(node, owner, constants) {
  const object = {};
  for (const each of node.properties) {
    if (ts.isSpreadAssignment(each))
      object[`...${short(each.expression)}`] = madeOf(each.expression, owner, constants);
    else if (ts.isShorthandPropertyAssignment(each))
      object[each.name.text] = madeOf(each.name, owner, constants);
    else if (ts.isPropertyAssignment(each) && !ts.isComputedPropertyName(each.name))
      object[each.name.getText().replace(/["']/g, "")] = madeOf(each.initializer, owner, constants);
    else return { unclear: short(node) };
  }
  return { object };
}

function identifierOf(node, owner, constants) {
  const parameters = [...(owner.node?.parameters ?? [])];
  for (const [number, each] of parameters.entries()) {
    if (ts.isIdentifier(each.name) && each.name.text === node.text) {
      const changes = assigned(owner.node.body, node.text);
      if (changes) return { unclear: `${node.text}, which the function changes` };
      if (!each.initializer) return { parameter: number };
      // A default of JavaScript is sent, as the caller's own value is.
      const other = madeOf(each.initializer, {}, constants);
      const isPlain = "constant" in other || (other.object && !Object.keys(other.object).length);
      if (!isPlain) return { unclear: `${node.text} = ${short(each.initializer)}` };
      return { parameter: number, otherwise: "constant" in other ? other.constant : {} };
    }
    if (ts.isObjectBindingPattern(each.name))
      for (const one of each.name.elements)
        if (one.name.getText() === node.text && !one.dotDotDotToken && !one.initializer)
          return { parameter: number, member: (one.propertyName ?? one.name).getText() };
  }
  const local = owner.node?.body && declarationOf(owner.node.body, node.text);
  const isFixed = local && !assigned(owner.node.body, node.text);
  if (isFixed && local.initializer) {
    const made = local.initializer;
    if (ts.isNewExpression(made) && made.expression.getText().split(".").at(-1) === "Channel")
      return { channel: true };
    return madeOf(made, owner, constants);
  }
  const text = textOf(node, constants);
  return text === undefined ? { unclear: node.text } : { constant: text };
}

function declarationOf(body, name) {
  let found;
  const look = (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found = node;
    ts.forEachChild(node, look);
  };
  look(body);
  return found;
}

/** Whether a function assigns to a name, or to a member of it but the `onmessage` of a channel. */
function assigned(body, name) {
  let found = false;
  const look = (node) => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const target = node.left.getText();
      found ||= target === name || (target.startsWith(`${name}.`) && target !== `${name}.onmessage`);
      found ||= target.startsWith(`${name}[`);
    }
    ts.forEachChild(node, look);
  };
  if (body) look(body);
  return found;
}
