// Every public name of the test kit.
import {
  type Command,
  closeSidecars,
  type EventStream,
  eventStream,
  type Handler,
  type MockSidecar,
  type MockSidecarOptions,
  mockSidecar,
  problem,
  type Route,
} from "tauri-plugin-sidecar-bridge-api/testing";

const progress: EventStream = eventStream();
const user: Route = (_, { id }) => new Response(id);
const greet: Command = ({ name }) => `Hello, ${name}!`;
const refuse: Handler = () => {
  throw problem("permission_denied");
};
const options: MockSidecarOptions = {
  routes: { "GET /users/{id}": user, "GET /progress": () => progress.response },
  commands: { greet },
};
export const sidecars: MockSidecar[] = [
  mockSidecar(options),
  mockSidecar({ handler: refuse, name: "worker" }),
];
sidecars[0]?.setStatus({ phase: "ready", pid: null });
closeSidecars();
