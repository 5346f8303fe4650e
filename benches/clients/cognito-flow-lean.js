import { createFlow } from "../../dist/lean.js";
import { clientOf } from "../page/flow.js";

export const { ready, signIn, signOut } = clientOf(createFlow);
