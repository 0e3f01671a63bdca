// Which commands the JavaScript of a package calls, and what it puts into each argument.
import ts from "typescript";

/** Every `invoke("plugin:…", …)` and `addPluginListener(…)` in a file: the command, its caller, its arguments. */
export function invokesOf(file) {
  const found = [];
  const visit = (node, owner) => {
    if (ts.isClassDeclaration(node)) owner = { class: node.name.text, bases: basesOf(node) };
    if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name)
      owner = {
        ...owner,
        function: node.name.text,
        parameters: node.parameters.map((each) => each.name.getText()),
      };
    if (ts.isConstructorDeclaration(node))
      owner = {
        ...owner,
        function: "constructor",
        parameters: node.parameters.map((each) => each.name.getText()),
      };
    if (ts.isCallExpression(node)) {
      const call = callOf(node, owner);
      if (call) found.push(call);
    }
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  visit(file, {});
  return found;
}

function callOf(node, owner) {
  const [first, args, options] = node.arguments;
  const callee = node.expression.getText();
  if (callee === "addPluginListener") {
    const [plugin, event] = node.arguments.map((each) => each.text);
    const parameters = { event: { constant: event }, handler: { channel: true } };
    return { command: `plugin:${plugin}|register_listener`, ...caller(owner), arguments: parameters };
  }
  if (callee !== "invoke" || !first || !ts.isStringLiteral(first) || !first.text.startsWith("plugin:"))
    return;
  const call = { command: first.text, ...caller(owner), arguments: {} };
  if (args && ts.isObjectLiteralExpression(args)) call.arguments = membersOf(args, owner);
  else if (args) call.body = args.getText();
  if (options) {
    const headers = options.properties.find((each) => each.name?.getText() === "headers");
    call.headers = Object.fromEntries(
      headers.initializer.properties.map((each) => [each.name.getText(), each.initializer.getText()]),
    );
  }
  return call;
}

function caller(owner) {
  return { class: owner.class, bases: owner.bases, function: owner.function };
}

function basesOf(node) {
  return (node.heritageClauses ?? []).flatMap((clause) =>
    clause.types.map((each) => each.expression.getText()),
  );
}

function membersOf(object, owner) {
  const members = {};
  for (const each of object.properties) {
    if (ts.isSpreadAssignment(each))
      members[`...${each.expression.getText()}`] = madeOf(each.expression, owner);
    else members[each.name.getText()] = madeOf(each.initializer ?? each.name, owner);
  }
  return members;
}

/** What an argument is made of: a parameter, a member of one or of `this`, a constant, or an expression over these. */
function madeOf(node, owner) {
  const parameters = owner.parameters ?? [];
  if (ts.isIdentifier(node))
    return parameters.includes(node.text) ? { parameter: node.text } : { local: node.text };
  if (ts.isPropertyAccessExpression(node)) {
    const [object, member] = [node.expression, node.name.text];
    if (object.kind === ts.SyntaxKind.ThisKeyword) return { self: member };
    if (ts.isIdentifier(object) && parameters.includes(object.text))
      return { parameter: object.text, member };
  }
  if (ts.isStringLiteral(node)) return { constant: node.text };
  if (node.kind === ts.SyntaxKind.NullKeyword) return { constant: null };
  const used = new Set();
  const look = (child) => {
    if (ts.isIdentifier(child) && parameters.includes(child.text)) used.add(child.text);
    ts.forEachChild(child, look);
  };
  look(node);
  return { expression: node.getText().replace(/\s+/g, " "), parameters: [...used] };
}
