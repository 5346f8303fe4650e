// The pool's password policy, as rules that can be ticked off while a person types.

/** What Cognito asks for unless a pool says otherwise. */
export const DEFAULT_POLICY = {
  minimumLength: 8,
  lowercase: true,
  uppercase: true,
  numbers: true,
  symbols: true,
};

// The characters that Cognito counts as symbols; a space counts inside a password only.
const SYMBOLS = /[$^*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|(?<=.) (?=.)/;

const RULES = {
  lowercase: (password) => /[a-z]/.test(password),
  uppercase: (password) => /[A-Z]/.test(password),
  numbers: (password) => /[0-9]/.test(password),
  symbols: (password) => SYMBOLS.test(password),
};

/** The policy's rules, each with whether the password keeps it: `{ name, met, length? }`. */
export function checkPassword(password, policy) {
  const long = { name: "minimumLength", met: password.length >= policy.minimumLength };
  const others = Object.entries(RULES).filter(([name]) => policy[name]);
  return [
    { ...long, length: policy.minimumLength },
    ...others.map(([name, isMet]) => ({ name, met: isMet(password) })),
  ];
}
