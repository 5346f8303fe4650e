import { createFlow } from "../../dist/index.js";
import { clientOf } from "../page/flow.js";

export const { ready, signIn, signOut } = clientOf(createFlow);
