// @vitest-environment happy-dom
import { describeKit } from "./kit.js";

describeKit("happy-dom");
