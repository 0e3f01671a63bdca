// @vitest-environment jsdom
import { describeKit } from "./kit.js";

describeKit("jsdom");
