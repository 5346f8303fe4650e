// `cognito-flow/ui`: importing it makes `<cognito-sign-in>` and `<cognito-account>` known.
import { CognitoAccount, CognitoSignIn, defineElements } from "./element.js";
import { mountSignIn } from "./mount.js";
import { LANGUAGES, chooseLanguage } from "./texts.js";

defineElements();

export { CognitoAccount, CognitoSignIn, LANGUAGES, chooseLanguage, mountSignIn };
