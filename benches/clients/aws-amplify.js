import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";

export function ready({ userPoolId, clientId }) {
  const Cognito = { userPoolId, userPoolClientId: clientId };
  Amplify.configure({ Auth: { Cognito } });
}

export async function signIn({ username, password }) {
  const { isSignedIn, nextStep } = await auth.signIn({ username, password });
  if (!isSignedIn) throw new Error(nextStep.signInStep);
}

export async function signOut() {
  await auth.signOut();
}

// What an application with the same journeys uses, so that as much of the client is loaded.
export const {
  signUp, confirmSignUp, resendSignUpCode, autoSignIn, confirmSignIn, resetPassword,
  confirmResetPassword, fetchAuthSession, fetchUserAttributes, getCurrentUser,
  sendUserAttributeVerificationCode, confirmUserAttribute, updateMFAPreference, fetchMFAPreference,
} = auth;
